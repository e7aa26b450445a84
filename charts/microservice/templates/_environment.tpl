{{/*
The plain environment, as JSON: what the service needs, telemetry, the region
where AWS is called, and what the operator adds.

OTEL_SDK_DISABLED is always said: the Java images default to disabled, the Node
image starts its SDK unconditionally and would retry a collector that is not
there. OTEL_SERVICE_NAME only comes with a collector: to the Go image its mere
presence means tracing.
*/}}
{{- define "microservice.environment" -}}
{{- $environment := dict -}}
{{- if .telemetry -}}
  {{- $_ := set $environment "OTEL_SDK_DISABLED" (ternary "false" "true" (ne .collector "")) -}}
{{- end -}}
{{- if .collector -}}
  {{- $_ := set $environment "OTEL_SERVICE_NAME" .fullname -}}
  {{- $_ := set $environment "OTEL_EXPORTER_OTLP_ENDPOINT" .collector -}}
  {{- $_ := set $environment "OTEL_EXPORTER_OTLP_PROTOCOL" "http/protobuf" -}}
  {{- $_ := set $environment "OTEL_RESOURCE_ATTRIBUTES" (printf "service.namespace=%s" .Release.Namespace) -}}
{{- end -}}
{{- if and .service.aws .region -}}
  {{- $_ := set $environment "AWS_REGION" .region -}}
{{- end -}}
{{- range $name, $value := .service.environment -}}
  {{- $_ := set $environment $name $value -}}
{{- end -}}
{{- range $name, $value := .Values.environment -}}
  {{- $_ := set $environment $name $value -}}
{{- end -}}
{{- toJson $environment -}}
{{- end }}
