/* global SwaggerUIBundle */

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#document',
  deepLinking: true,
  // Else it would have a server elsewhere look at the document.
  validatorUrl: null,
});
