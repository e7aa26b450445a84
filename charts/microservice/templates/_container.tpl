{{- define "microservice.container" -}}
name: {{ .name }}
image: {{ include "microservice.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with include "microservice.command" . }}
{{ . }}
{{- end }}
{{- if .environment }}
envFrom:
  - configMapRef:
      name: {{ .fullname }}
{{- end }}
{{- with .service.fieldEnvironment }}
env:
  {{- range $variable, $path := . }}
  - name: {{ $variable }}
    valueFrom:
      fieldRef:
        fieldPath: {{ $path }}
  {{- end }}
{{- end }}
ports:
  {{- range .ports }}
  - name: {{ .name }}
    containerPort: {{ .containerPort }}
    protocol: TCP
  {{- end }}
startupProbe:
  {{- include "microservice.probe" (dict "probe" .Values.probes.startup "port" (first .ports).name) | nindent 2 }}
readinessProbe:
  {{- include "microservice.probe" (dict "probe" .Values.probes.readiness "port" (first .ports).name) | nindent 2 }}
livenessProbe:
  {{- include "microservice.probe" (dict "probe" .Values.probes.liveness "port" (first .ports).name) | nindent 2 }}
{{- /* The load balancer learns of a stopping pod later than the pod does.
       A zero is compared, not tested: to some Helm 3 it is a string, and true. */}}
{{- if gt (int .Values.preStopSeconds) 0 }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ .Values.preStopSeconds }}
{{- end }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop:
      - ALL
  readOnlyRootFilesystem: true
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if .secrets }}
  - name: secrets
    mountPath: /mnt/secrets
    readOnly: true
  {{- end }}
  {{- if .Values.storage.enabled }}
  - name: {{ .Values.storage.name }}
    mountPath: {{ .Values.storage.mountPath }}
  {{- end }}
{{- end }}

{{/* No path: the port answering is all there is to ask. */}}
{{- define "microservice.probe" -}}
{{- if .probe.path -}}
httpGet:
  path: {{ .probe.path }}
  port: {{ .port }}
{{- else -}}
tcpSocket:
  port: {{ .port }}
{{- end }}
periodSeconds: {{ .probe.periodSeconds }}
timeoutSeconds: {{ .probe.timeoutSeconds }}
failureThreshold: {{ .probe.failureThreshold }}
{{- end }}
