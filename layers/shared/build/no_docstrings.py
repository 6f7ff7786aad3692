"""Ships in the place of botocore/docs/docstring.py, which writes the documentation of a client's methods."""


class LazyLoadedDocstring(str):
    def __new__(cls, *_: object, **__: object) -> "LazyLoadedDocstring":
        return super().__new__(cls)


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = LazyLoadedDocstring
