# One image for every process of Tandem: `server`, `worker` and `migrate` are its commands.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY tools/bundle-workflows.ts tools/
COPY src src
RUN npm run build && npm run build:workflows

FROM node:20-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:20-bookworm-slim
ENV NODE_ENV=production TANDEM_WORKFLOW_BUNDLE=/app/dist/workflow-bundle.js
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
USER node
EXPOSE 3000
ENTRYPOINT ["node", "--enable-source-maps", "dist/cli/main.js"]
CMD ["server"]
