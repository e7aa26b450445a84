{{/*
Both directions are closed; each rule below opens one edge. A rule without peers
would open it to everybody, so an empty list of CIDRs makes no rule.
*/}}
{{- define "microservice.networkpolicy" -}}
{{- if .Values.networkPolicy.enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .fullname }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- .labels | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- .selector | nindent 6 }}
  policyTypes:
    - Ingress
    - Egress
  {{- with include "microservice.ingressrules" . | trim }}
  ingress:
    {{- . | nindent 4 }}
  {{- else }}
  ingress: []
  {{- end }}
  egress:
    {{- include "microservice.egressrules" . | trim | nindent 4 }}
{{- end -}}
{{- end }}

{{- define "microservice.ingressrules" -}}
{{- with .Values.networkPolicy.from }}
- from:
    {{- range . }}
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: {{ . }}
    {{- end }}
  ports:
    {{- include "microservice.containerports" $ | trim | nindent 4 }}
{{- end }}
{{- with .Values.networkPolicy.loadBalancerCidrs }}
- from:
    {{- include "microservice.cidrs" . | trim | nindent 4 }}
  ports:
    {{- include "microservice.containerports" $ | trim | nindent 4 }}
{{- end }}
{{- if .Values.metrics.enabled }}
- from:
    {{- include "microservice.namespacepeer" .Values.metrics.namespace | nindent 4 }}
  ports:
    {{- include "microservice.containerports" . | trim | nindent 4 }}
{{- end }}
{{- with .Values.networkPolicy.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "microservice.egressrules" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- range concat .Values.networkPolicy.to (.service.to | default list) }}
- to:
    - podSelector:
        matchLabels:
          app.kubernetes.io/name: {{ .name }}
  ports:
    - port: {{ .port }}
      protocol: TCP
{{- end }}
{{- if .service.datastorePorts }}
- to:
    {{- include "microservice.cidrs" (include "microservice.datastoreCidrs" . | fromJsonArray) | trim | nindent 4 }}
  ports:
    {{- range .service.datastorePorts }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}
{{- if and .service.aws .Values.networkPolicy.podIdentityCidrs }}
{{- /* The pod's credentials come from the agent on its node. */}}
- to:
    {{- include "microservice.cidrs" .Values.networkPolicy.podIdentityCidrs | trim | nindent 4 }}
  ports:
    - port: 80
      protocol: TCP
{{- end }}
{{- if and (or .service.aws .service.https) .Values.networkPolicy.httpsCidrs }}
- to:
    {{- include "microservice.cidrs" .Values.networkPolicy.httpsCidrs | trim | nindent 4 }}
  ports:
    - port: 443
      protocol: TCP
{{- end }}
{{- if .collector }}
- to:
    {{- include "microservice.namespacepeer" (include "microservice.collectorNamespace" .) | nindent 4 }}
  ports:
    - port: 4317
      protocol: TCP
    - port: 4318
      protocol: TCP
{{- end }}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "microservice.containerports" -}}
{{- range .ports }}
- port: {{ .containerPort }}
  protocol: TCP
{{- end }}
{{- end }}

{{- define "microservice.cidrs" -}}
{{- range . }}
- ipBlock:
    cidr: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "microservice.namespacepeer" -}}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ . }}
{{- end }}
