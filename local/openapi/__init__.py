"""`make openapi`: writes openapi.json from template.yaml, the functions and their models.

What the functions don't say themselves stands here: `responses.py` has what each one answers and what their paths
name, `models.py` the models of response bodies that no row there can make. A function's scope, body and query come
from its handler, its summary and description from its docstring, and a field's description and rules from its model.
"""
