{{/*
Everything that one service needs. The one entry point of this library.

Takes a dict:
  root     the calling chart's root context
  service  what values cannot know of this service, as the calling chart's own
           template computes it from its values (README.md, "The service dict")

The names and labels are computed once here and handed on, because every kind
needs them.
*/}}
{{- define "microservice.all" -}}
{{- if hasKey .service "Error" -}}
  {{- fail (printf "chart %s: its service dict is not YAML: %s" .root.Chart.Name .service.Error) -}}
{{- end -}}
{{- $ctx := dict "Values" .root.Values "Chart" .root.Chart "Release" .root.Release "service" .service -}}
{{- $_ := set $ctx "name" (include "microservice.name" $ctx) -}}
{{- $_ := set $ctx "fullname" (include "microservice.fullname" $ctx) -}}
{{- $_ := set $ctx "selector" (include "microservice.selector" $ctx) -}}
{{- $_ := set $ctx "labels" (include "microservice.labels" $ctx) -}}
{{- $_ := set $ctx "region" (include "microservice.region" $ctx) -}}
{{- $_ := set $ctx "telemetry" (dig "telemetry" true .service) -}}
{{- $_ := set $ctx "collector" (ternary (include "microservice.collector" $ctx) "" $ctx.telemetry) -}}
{{- $_ := set $ctx "serviceAccountName" (.root.Values.serviceAccount.name | default $ctx.fullname) -}}
{{- $_ := set $ctx "ports" (.service.ports | default (list (dict "name" "http" "port" 80 "containerPort" 8080))) -}}
{{- $_ := set $ctx "secrets" (.service.secrets | default dict) -}}
{{- $_ := set $ctx "environment" (include "microservice.environment" $ctx | fromJson) -}}
{{- $_ := set $ctx "workloadKind" (include "microservice.workloadKind" $ctx) -}}
{{- include "microservice.validate" $ctx -}}
{{- range $kind := list "serviceaccount" "configmap" "secretproviderclass" "service" "externalservices" "persistentvolumeclaim" "workload" "horizontalpodautoscaler" "poddisruptionbudget" "networkpolicy" "ingress" "servicemonitor" }}
{{- with include (printf "microservice.%s" $kind) $ctx | trim | trimPrefix "---" | trim }}
---
{{ . }}
{{- end }}
{{- end }}
{{- end }}
