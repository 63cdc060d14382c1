{{- define "sensor.labels" -}}
app.kubernetes.io/name: kubesim-sensor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sensor.image" -}}
{{- $image := .Values.image -}}
{{- $image.repository }}{{ with $image.tag }}:{{ . }}{{ end }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{/* Both containers' probe: it watches, and knows the pods. */}}
{{- define "sensor.probe" -}}
httpGet: {path: /ready, port: {{ . }}}
periodSeconds: 1
timeoutSeconds: 1
failureThreshold: 3
{{- end }}
