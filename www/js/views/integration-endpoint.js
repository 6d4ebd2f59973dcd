// The endpoint, and examples that work when they are pasted.

import { html, useState } from '../dom.js';
import { Code } from '../ui/basic.js';

export const endpointUrl = (i) => new URL(i.endpoint, location.origin).href;

export const Endpoint = ({ integration }) => html`<section class="stack"><h3>Endpoint</h3>
	<${Code} text=${endpointUrl(integration)} label="endpoint" /></section>`;

const makers = {
	curl: (url, token, header) => `curl -i ${url} \\
  -H '${header}: ${token}' \\
  -H 'Content-Type: application/json' \\
  -d '{"summary":"disk 97 % full on db-1"}'`,
	Alertmanager: (url, token) => `receivers:
  - name: ewa
    webhook_configs:
      - url: ${url}
        http_config:
          authorization:
            type: Bearer
            credentials: ${token}`,
	Grafana: (url, token) => `# Alerting > Contact points > Webhook
URL: ${url}
HTTP Method: POST
Authorization Header - Scheme: Bearer
Authorization Header - Credentials: ${token}`,
	Zabbix: (url, token) => `# Administration > Connectors
URL: ${url}
HTTP authentication: Bearer
Bearer token: ${token}`,
	GitLab: (url, token) => `# Settings > Webhooks
URL: ${url}
Secret token: ${token}`,
};

export function Examples({ integration, token }) {
	const [name, setName] = useState('curl');
	const text = makers[name](endpointUrl(integration), token ?? 'PLATFORM-TOKEN', integration.tokenHeader);
	return html`<section class="stack"><h3>Examples</h3>
		<div class="row" role="group" aria-label="Sender">${Object.keys(makers).map((n) => html`<button class="button" type="button"
			aria-pressed=${n === name ? 'true' : 'false'} onClick=${() => setName(n)}>${n}</button>`)}</div>
		<${Code} text=${text} label=${`${name} example`} />
		${!token && html`<p class="help soft small">PLATFORM-TOKEN stands for the token, which is not shown again.
			Rotate it if nobody has it.</p>`}</section>`;
}
