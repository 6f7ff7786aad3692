// The token stays in the memory of this page: reloading forgets it.
SwaggerUIBundle({
  url: "api/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  defaultModelExpandDepth: 3,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
