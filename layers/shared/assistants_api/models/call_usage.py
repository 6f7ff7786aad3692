"""How much an assistant was called: counts by day, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

SERIES_DAYS = 30
DAYS = {"today": 1, "last7Days": 7, "last30Days": 30, "last365Days": 365}


@dataclass(frozen=True)
class CallCount:
    """Calls that ended; of those that were connected for a time, how many there are and their seconds."""

    calls: int = 0
    with_duration: int = 0
    seconds: int = 0

    def __add__(self, other: "CallCount") -> "CallCount":
        return CallCount(
            self.calls + other.calls, self.with_duration + other.with_duration, self.seconds + other.seconds
        )

    @property
    def minutes(self) -> float:
        return round(self.seconds / 60, 2)


class Period(TypedDict):
    calls: int
    minutes: float


class Day(Period):
    date: str


class UsageStats(TypedDict):
    totalCalls: int
    totalMinutes: float
    avgDurationMinutes: float
    completedCallsWithDuration: int
    timeline: dict[str, Period]
    dailySeries: list[Day]


def usage_stats(total: CallCount, by_day: Mapping[str, CallCount], today: date) -> UsageStats:
    """`by_day` has the days of the last year that had calls, such as `2024-01-15`, in UTC."""
    timeline = {name: _period(_sum(by_day, today, days)) for name, days in DAYS.items()}
    series = [str(today - timedelta(days=back)) for back in reversed(range(SERIES_DAYS))]
    average = total.seconds / total.with_duration / 60 if total.with_duration else 0
    return {
        "totalCalls": total.calls,
        "totalMinutes": total.minutes,
        "avgDurationMinutes": round(average, 2),
        "completedCallsWithDuration": total.with_duration,
        "timeline": timeline,
        "dailySeries": [{"date": day, **_period(by_day.get(day, CallCount()))} for day in series],
    }


def _sum(by_day: Mapping[str, CallCount], today: date, days: int) -> CallCount:
    first = str(today - timedelta(days=days - 1))
    return sum((count for day, count in by_day.items() if first <= day <= str(today)), CallCount())


def _period(count: CallCount) -> Period:
    return {"calls": count.calls, "minutes": count.minutes}
