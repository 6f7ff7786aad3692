"""When an alarm fires: metric math, periods, and how missing data counts, as CloudWatch has them; what we use of it."""

import ast
import operator
from collections.abc import Iterator, Mapping
from typing import Any

from tests.observability.metrics import Metrics, series

OPERATORS: dict[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.Eq: operator.eq,
}
MINUTE = 60


def fires(alarm: Mapping[str, Any], metrics: Metrics, start: int, end: int) -> Iterator[int]:
    """The times at which the alarm is on; it is evaluated every minute."""
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"
    for now in range(start + MINUTE, end + MINUTE, MINUTE):
        values = [_value(alarm, metrics, now, back) for back in range(alarm["EvaluationPeriods"])]
        if all(value is not None and value > alarm["Threshold"] for value in values):
            yield now


def _value(alarm: Mapping[str, Any], metrics: Metrics, now: int, back: int) -> float | None:
    """Of the period that ended so many periods back; None if data is missing."""
    if "Metrics" not in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return _statistic({**alarm, "Metric": alarm, "Stat": statistic}, metrics, now, back)
    (result,) = (it["Expression"] for it in alarm["Metrics"] if it.get("ReturnData", True))
    values = {
        it["Id"]: _statistic(it["MetricStat"], metrics, now, back) for it in alarm["Metrics"] if "MetricStat" in it
    }
    assert len(values) <= 10, "An alarm takes at most ten metrics."
    return evaluate(result, values)


def _statistic(wanted: Mapping[str, Any], metrics: Metrics, now: int, back: int) -> float | None:
    metric, end = wanted["Metric"], now - back * wanted["Period"]
    dimensions = {it["Name"]: it["Value"] for it in metric["Dimensions"]}
    of = series(metric["Namespace"], metric["MetricName"], **dimensions)
    return metrics.statistic(of, wanted["Stat"], end - wanted["Period"], end)


def evaluate(expression: str, values: Mapping[str, float | None]) -> float | None:
    """Of metric math whose words are Python's too. What is made of missing data is missing, but for FILL."""
    result: float | None = _evaluate(ast.parse(expression, mode="eval").body, values)
    return result


def _evaluate(node: ast.AST, values: Mapping[str, float | None]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return values[name]
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, default]):
            value = _evaluate(metric, values)
            return _evaluate(default, values) if value is None else value
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            decided = _evaluate(condition, values)
            return None if decided is None else _evaluate(then if decided else otherwise, values)
        case (
            ast.BinOp(left=left, op=operation, right=right)
            | ast.Compare(left=left, ops=[operation], comparators=[right])
        ):
            one, other = _evaluate(left, values), _evaluate(right, values)
            return None if one is None or other is None else OPERATORS[type(operation)](one, other)
    raise AssertionError(f"{ast.unparse(node)} is not evaluated here.")
