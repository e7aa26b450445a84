{{/* What a JSON schema cannot say, because it compares one value with another. */}}
{{- define "microservice.validate" -}}
{{- $values := .Values -}}
{{- if and $values.autoscaling.enabled (gt (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas)) -}}
  {{- fail (printf "%s: autoscaling.minReplicas (%d) is greater than autoscaling.maxReplicas (%d): lower the one or raise the other" .name (int $values.autoscaling.minReplicas) (int $values.autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if ge (int $values.preStopSeconds) (int $values.terminationGracePeriodSeconds) -}}
  {{- fail (printf "%s: terminationGracePeriodSeconds (%d) must be greater than preStopSeconds (%d), or the pod is killed before it has stopped" .name (int $values.terminationGracePeriodSeconds) (int $values.preStopSeconds)) -}}
{{- end -}}
{{- if and .service.datastorePorts $values.networkPolicy.enabled (eq (include "microservice.datastoreCidrs" .) "[]") -}}
  {{- fail (printf "%s: its datastore cannot be reached: name the datastore's subnets in networkPolicy.datastoreCidrs or global.networkPolicy.datastoreCidrs" .name) -}}
{{- end -}}
{{- if and .collector $values.networkPolicy.enabled (eq (include "microservice.collectorNamespace" .) "") -}}
  {{- fail (printf "%s: the collector cannot be reached: name its namespace in openTelemetry.namespace or global.openTelemetry.namespace" .name) -}}
{{- end -}}
{{- range $resource, $request := $values.resources.requests -}}
  {{- $limit := get ($values.resources.limits | default dict) $resource -}}
  {{- if and (ne (toString $limit) "") (gt (include "microservice.quantity" $request | float64) (include "microservice.quantity" $limit | float64)) -}}
    {{- fail (printf "%s: resources.requests.%s (%v) is greater than resources.limits.%s (%v), which no pod may have: raise the limit too" $.name $resource $request $resource $limit) -}}
  {{- end -}}
{{- end -}}
{{- if $values.podDisruptionBudget.enabled -}}
  {{- include "microservice.validateBudget" . -}}
{{- end -}}
{{- end }}

{{/* A quantity of Kubernetes as a number. */}}
{{- define "microservice.quantity" -}}
{{- $factors := dict "" 1 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $unit := toString . | regexFind "[A-Za-z]+$" -}}
{{- mulf (toString . | trimSuffix $unit | float64) (get $factors $unit) -}}
{{- end }}

{{/*
A budget that allows no eviction when the service runs at its fewest replicas
stops every node drain. Kubernetes rounds percentages up, for both keys.
*/}}
{{- define "microservice.validateBudget" -}}
{{- $minimum := int (include "microservice.minimum" .) -}}
{{- $available := toString .Values.podDisruptionBudget.minAvailable -}}
{{- $unavailable := toString .Values.podDisruptionBudget.maxUnavailable -}}
{{- $needed := int $available -}}
{{- if hasSuffix "%" $available -}}
  {{- $needed = div (add (mul (trimSuffix "%" $available | int) $minimum) 99) 100 | int -}}
{{- end -}}
{{- if and $available (ge $needed $minimum) -}}
  {{- fail (printf "%s: podDisruptionBudget.minAvailable (%s) would block every eviction at the minimum of %d replicas: lower it or raise the replicas" .name $available $minimum) -}}
{{- end -}}
{{- if and $unavailable (eq (trimSuffix "%" $unavailable | int) 0) -}}
  {{- fail (printf "%s: podDisruptionBudget.maxUnavailable (%s) would block every eviction: it must be at least 1" .name $unavailable) -}}
{{- end -}}
{{- end }}
