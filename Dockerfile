# The service without development files. Sound never leaves memory: run it with swap and core dumps off.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && find dist -name '*.map' -delete

FROM node:20.20.2-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Native libraries of other systems are two thirds of the weight.
RUN npm ci --omit=dev --ignore-scripts \
 && cpu="$(node -p process.arch)" \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -r {} + \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -name "$cpu" -exec rm -r {} + \
 && find node_modules/node-web-audio-api -name '*.node' ! -name "*.linux-$cpu-gnu.node" -delete

FROM node:20.20.2-bookworm-slim
# ffmpeg: for feeds over RTSP, RTP and HTTP; --build-arg FFMPEG= leaves it out where all poles speak NATS.
ARG FFMPEG=ffmpeg
# Debian keeps one version of a package a release, and the base image pins the release.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends libasound2 ${FFMPEG} \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /var/lib/clameur
WORKDIR /app
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY models/*.onnx models/*.json models/ATTRIBUTIONS.md ./models/
COPY package.json LICENSE ./
ENV NODE_ENV=production
# `node`, by number so that Kubernetes can see that it is not root.
USER 1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve", "--config", "/etc/clameur/config/clameur.yaml"]
