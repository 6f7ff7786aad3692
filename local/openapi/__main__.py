from local.openapi.document import DOCUMENT, ROUTES, document, render, render_routes
from local.stack.template import TEMPLATE

if __name__ == "__main__":
    DOCUMENT.write_text(render(), "utf-8")
    ROUTES.write_text(render_routes(), "utf-8")
    operations = sum(len(methods) for methods in document()["paths"].values())
    name = DOCUMENT.relative_to(TEMPLATE.parent)
    print(f"{name}: {DOCUMENT.stat().st_size:,} bytes, {operations} operations")
