# The server: production packages only, as a user who owns none of its files; needs no writable disk. Nobody has built this image yet, there being
# no Docker where the tests run: test/app/container.test.ts starts its command with its files and packages, as another user, on a tree that cannot be written.
# Tags move. Pin the digest that you have looked at: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /hallpass
COPY package.json package-lock.json .npmrc ./
# the server speaks to GitHub alone: what could speak to AWS is not in the image
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/@aws-sdk

FROM ${NODE_IMAGE}
WORKDIR /hallpass
ENV NODE_ENV=production
COPY --from=packages /hallpass/node_modules node_modules
COPY package.json ./
COPY app app
COPY aws aws
COPY cedar cedar
COPY core core
COPY flow flow
COPY github github
USER 65534:65534
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "app/main.ts"]
