{{- define "retail.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: ingress
app.kubernetes.io/part-of: retail-store
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
What the load balancer reaches, as a list of maps: the service's chart, its
Service, the public path and the prefix that the service itself serves. The
longer paths come first, for readers; the controller sorts them itself.
*/}}
{{- define "retail.routes" -}}
{{- $ctx := . -}}
{{- $prefixes := dict "catalog" "/catalog" "cart" "/carts" "checkout" "/checkout" "orders" "/orders" -}}
{{- $routes := list -}}
{{- range $chart, $prefix := $prefixes -}}
  {{- if index $ctx.Values.ingress.api $chart -}}
    {{- $path := printf "/api/v1/%s" $chart -}}
    {{- $routes = append $routes (dict "chart" $chart "path" $path "prefix" $prefix "service" (include "retail.serviceName" (dict "root" $ctx "chart" $chart))) -}}
  {{- end -}}
{{- end -}}
{{- append $routes (dict "chart" "ui" "path" "/" "prefix" "/" "service" (include "retail.serviceName" (dict "root" $ctx "chart" "ui"))) | toJson -}}
{{- end }}

{{/* The Service of a subchart, by the rule that names it there. */}}
{{- define "retail.serviceName" -}}
{{- $values := index .root.Values .chart -}}
{{- if not $values.enabled -}}
  {{- fail (printf "the ingress leads to %s, which is off: set %s.enabled to true or close its path" .chart .chart) -}}
{{- end -}}
{{- include "microservice.fullname" (dict "Values" $values "Chart" (dict "Name" .chart) "Release" .root.Release) -}}
{{- end }}
