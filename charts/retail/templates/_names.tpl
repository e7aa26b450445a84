{{/*
A service that is renamed while others still call it by its old name would be
called in vain, or in another release of the same namespace.
*/}}
{{- define "retail.validateNames" -}}
{{- $ctx := . -}}
{{- $ui := .Values.ui.app.endpoints -}}
{{- $calls := list
  (list "ui" "catalog" "catalog" $ui.catalog)
  (list "ui" "cart" "carts" $ui.carts)
  (list "ui" "checkout" "checkout" $ui.checkout)
  (list "ui" "orders" "orders" $ui.orders)
  (list "checkout" "orders" "orders" .Values.checkout.app.endpoints.orders) -}}
{{- range $calls -}}
  {{- include "retail.validateCall" (dict "root" $ctx "from" (index . 0) "to" (index . 1) "endpoint" (index . 2) "url" (index . 3)) -}}
{{- end -}}
{{- end }}

{{/* One call: the URL as it is by default, and the label that both network policies name. */}}
{{- define "retail.validateCall" -}}
{{- $from := index .root.Values .from -}}
{{- $to := index .root.Values .to -}}
{{- if and $from.enabled $to.enabled -}}
  {{- $service := include "retail.serviceName" (dict "root" .root "chart" .to) -}}
  {{- if and (eq .url (printf "http://%s" .endpoint)) (ne $service .endpoint) -}}
    {{- fail (printf "%s calls %s by its old name: set %s.app.endpoints.%s to http://%s" .from .to .from .endpoint $service) -}}
  {{- end -}}
  {{- $label := $to.nameOverride | default .to -}}
  {{- $opened := list -}}
  {{- range $from.networkPolicy.to }}{{ $opened = append $opened .name }}{{ end -}}
  {{- if and $from.networkPolicy.enabled (has .to $opened) (not (has $label $opened)) -}}
    {{- fail (printf "%s.networkPolicy.to opens %s, which is %s by %s.nameOverride: name that there" .from .to $label .to) -}}
  {{- end -}}
  {{- $label = $from.nameOverride | default .from -}}
  {{- if and $to.networkPolicy.enabled (has .from $to.networkPolicy.from) (not (has $label $to.networkPolicy.from)) -}}
    {{- fail (printf "%s.networkPolicy.from admits %s, which is %s by %s.nameOverride: name that there" .to .from $label .from) -}}
  {{- end -}}
{{- end -}}
{{- end }}
