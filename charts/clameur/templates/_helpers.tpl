{{- define "clameur.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "clameur.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "clameur.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "clameur.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "clameur.selector" -}}
app.kubernetes.io/name: {{ include "clameur.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "clameur.labels" -}}
{{ include "clameur.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "clameur.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "clameur.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "clameur.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "clameur.siteConfigMap" -}}
{{- .Values.site.existingConfigMap | default (printf "%s-site" (include "clameur.fullname" .)) }}
{{- end }}

{{/* The service's YAML: the values' config, with what the chart itself decides. */}}
{{- define "clameur.config" -}}
{{- $nats := deepCopy (.Values.config.nats | default dict) }}
{{- if .Values.nats.credentialsSecret }}{{ $_ := set $nats "credentials" "/etc/clameur/credentials/nats.creds" }}{{ end }}
{{- if .Values.nats.nkeySecret }}{{ $_ := set $nats "nkey" "/etc/clameur/nkey/nkey" }}{{ end }}
{{- if .Values.nats.tlsSecret }}
{{- $tls := dict "ca" "/etc/clameur/tls/ca.crt" }}
{{- if .Values.nats.clientCertificate }}{{ $_ := set $tls "cert" "/etc/clameur/tls/tls.crt" }}{{ $_ := set $tls "key" "/etc/clameur/tls/tls.key" }}{{ end }}
{{- $_ := set $nats "tls" $tls }}
{{- end }}
{{- $http := mergeOverwrite (deepCopy (.Values.config.http | default dict)) (dict "host" "0.0.0.0" "port" 8080) }}
{{- if .Values.accessTokensSecret }}{{ $_ := set $http "tokens" "/etc/clameur/tokens/tokens.yaml" }}{{ end }}
{{- $own := dict "site" "/etc/clameur/site/site.geojson" "data" "/var/lib/clameur" "nats" $nats "http" $http }}
{{- if .Values.transparency }}{{ $_ := set $own "transparency" "/etc/clameur/config/transparency.yaml" }}{{ end }}
{{- if .Values.killSwitchConfigMap }}{{ $_ := set $own "killSwitch" "/etc/clameur/switch/switch" }}{{ end }}
{{- if .Values.auditKeySecret }}{{ $_ := set $own "audit" (dict "key" "/etc/clameur/audit/audit-key.pem") }}{{ end }}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml }}
{{- end }}

{{- define "clameur.env" -}}
{{- with .Values.secretEnvironment }}
env:
  {{- range . }}
  - name: {{ .variable }}
    valueFrom:
      secretKeyRef: { name: {{ .secret }}, key: {{ .key }} }
  {{- end }}
{{- end }}
{{- end }}

{{- define "clameur.mounts" -}}
- { name: config, mountPath: /etc/clameur/config, readOnly: true }
- { name: site, mountPath: /etc/clameur/site, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if .Values.accessTokensSecret }}
- { name: tokens, mountPath: /etc/clameur/tokens, readOnly: true }
{{- end }}
{{- if .Values.killSwitchConfigMap }}
- { name: switch, mountPath: /etc/clameur/switch, readOnly: true }
{{- end }}
{{- if .Values.auditKeySecret }}
- { name: audit, mountPath: /etc/clameur/audit, readOnly: true }
{{- end }}
{{- if .Values.nats.credentialsSecret }}
- { name: credentials, mountPath: /etc/clameur/credentials, readOnly: true }
{{- end }}
{{- if .Values.nats.nkeySecret }}
- { name: nkey, mountPath: /etc/clameur/nkey, readOnly: true }
{{- end }}
{{- if .Values.nats.tlsSecret }}
- { name: tls, mountPath: /etc/clameur/tls, readOnly: true }
{{- end }}
{{- end }}

{{- define "clameur.volumes" -}}
- name: config
  configMap: { name: {{ include "clameur.fullname" . }} }
- name: site
  configMap: { name: {{ include "clameur.siteConfigMap" . }} }
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with .Values.accessTokensSecret }}
- name: tokens
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.killSwitchConfigMap }}
# One that is not there is a switch that is off, and not a pod that does not start.
- name: switch
  configMap: { name: {{ . }}, optional: true }
{{- end }}
{{- with .Values.auditKeySecret }}
- name: audit
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.nats.credentialsSecret }}
- name: credentials
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.nats.nkeySecret }}
- name: nkey
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- with .Values.nats.tlsSecret }}
- name: tls
  secret: { secretName: {{ . }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "clameur.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "clameur.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* The pod of one role: (dict "root" $ "role" "listen" "resources" …). Without a role one process does both. */}}
{{- define "clameur.pod" -}}
{{- $root := .root }}
metadata:
  labels:
    {{- include "clameur.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $root.Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/config: {{ printf "%s%s" (include "clameur.config" $root) $root.Values.transparency | sha256sum }}
    checksum/site: {{ $root.Values.site.geojson | sha256sum }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "clameur.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # The service drains within 10 s of SIGTERM.
  terminationGracePeriodSeconds: 15
  securityContext:
    {{- include "clameur.podSecurity" $root | nindent 4 }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  containers:
    - name: clameur
      image: {{ include "clameur.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [serve, --config, /etc/clameur/config/clameur.yaml{{ with .role }}, --role, {{ . }}{{ end }}]
      {{- include "clameur.env" $root | nindent 6 }}
      ports:
        - { name: http, containerPort: 8080 }
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 5
      resources: {{ toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "clameur.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        {{- include "clameur.mounts" $root | nindent 8 }}
        - { name: data, mountPath: /var/lib/clameur }
  volumes:
    {{- include "clameur.volumes" $root | nindent 4 }}
    {{- if not .persistent }}
    - name: data
      emptyDir: { sizeLimit: {{ $root.Values.outbox.size }} }
    {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: {{ $root.Values.topologyKey }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "clameur.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* A StatefulSet whose outbox lies on a volume of its own: (dict "root" $ "component" … "role" … "replicas" …). */}}
{{- define "clameur.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .name }}
  labels: {{ include "clameur.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  serviceName: {{ include "clameur.fullname" .root }}
  replicas: {{ .replicas }}
  podManagementPolicy: Parallel
  selector:
    matchLabels: {{ include "clameur.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template: {{ include "clameur.pod" (merge (dict "persistent" true) .) | nindent 4 }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .root.Values.outbox.storageClassName }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests: { storage: {{ .root.Values.outbox.size }} }
{{- end }}
