from tests import events


def test_the_sample_events_are_those_that_make_events_writes() -> None:
    files = {file.name: file.read_text() for file in events.FOLDER.iterdir()}
    assert files == events.render(), "Run `make events`."
