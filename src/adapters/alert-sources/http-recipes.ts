// Settings of the source `http` for products whose API is published.
import type { Recipe } from './source-type.ts';

/** POST /api/detection_engine/signals/search and /status: https://www.elastic.co/docs/api/doc/kibana/operation/operation-searchalerts */
export const elastic: Recipe = {
  product: 'Elastic Security',
  about:
    'The detection alerts of Kibana, for a role that may read and change them. Rules run every five minutes unless set otherwise: no alert comes sooner. Building blocks are left out.',
  example: `name: elastic
type: http
product: elastic
url: https://kibana.example.com
path: /api/detection_engine/signals/search
method: POST
headers: {kbn-xsrf: "true"}
auth:
  headers:
    Authorization: {fromEnv: ELASTIC_AUTHORIZATION} # ApiKey ...
body:
  size: 100
  track_total_hits: false
  sort: [{"@timestamp": asc}, {kibana.alert.uuid: asc}]
  search_after: "\${{ run.cursor }}"
  query:
    bool:
      filter:
        - {range: {"@timestamp": {gte: "\${{ run.since }}"}}}
      must_not:
        - {exists: {field: kibana.alert.building_block_type}}
items: body.hits.hits
next: "size(body.hits.hits) == 100 ? body.hits.hits[99].sort : null"
fields:
  id: item._id
  name: "item._source['kibana.alert.rule.name']"
  type: "item._source['kibana.alert.rule.rule_id']"
  severity: "item._source['kibana.alert.severity']"
  first: "item._source['kibana.alert.original_time']"
  generated: "item._source['@timestamp']"
  updated: "item._source['kibana.alert.workflow_status_updated_at']"
  node: item._source.host.name
  namespace: item._source.orchestrator.namespace
  pod: item._source.orchestrator.resource.name
  containerId: item._source.container.id
  user: item._source.user.name
  commandLines: "[item._source.process.command_line]"
resolve:
  path: /api/detection_engine/signals/status
  body: {signal_ids: "\${{ run.ids }}", status: closed}
window: 15m
`,
};

/** POST /api/v2/security_monitoring/signals/search, PATCH .../signals/{id}/state: https://docs.datadoghq.com/api/latest/security-monitoring/ */
export const datadog: Recipe = {
  product: 'Datadog',
  about:
    'Security signals; the address is that of your site. The application key needs `security_monitoring_signals_read`, and `_write` to resolve.',
  example: `name: datadog
type: http
product: datadog
url: https://api.datadoghq.com
path: /api/v2/security_monitoring/signals/search
method: POST
auth:
  headers:
    DD-API-KEY: {fromEnv: DD_API_KEY}
    DD-APPLICATION-KEY: {fromEnv: DD_APP_KEY}
body:
  filter: {query: "@workflow.triage.state:open", from: "\${{ run.since }}"}
  page: {limit: 100, cursor: "\${{ run.cursor }}"}
  sort: timestamp
items: body.data
next: body.meta.page.after
fields:
  id: item.id
  name: "'workflow' in item.attributes.attributes ? item.attributes.attributes.workflow.rule.name : item.attributes.message"
  type: item.attributes.attributes.workflow.rule.id
  severity: item.attributes.attributes.status
  generated: item.attributes.timestamp
  node: item.attributes.attributes.host
  namespace: "item.attributes.tags.filter(tag, tag.startsWith('kube_namespace:'))[0].substring(15)"
  pod: "item.attributes.tags.filter(tag, tag.startsWith('pod_name:'))[0].substring(9)"
  containerId: "item.attributes.tags.filter(tag, tag.startsWith('container_id:'))[0].substring(13)"
  commandLines: "[item.attributes.attributes.process.cmdline]"
resolve:
  method: PATCH
  path: "/api/v2/security_monitoring/signals/\${{ run.id }}/state"
  body: {data: {attributes: {state: archived, archive_reason: testing_or_maintenance, archive_comment: "\${{ run.comment }}"}}}
window: 15m
`,
};
