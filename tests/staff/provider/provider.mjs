// A provider of OpenID Connect for the tests: the certified oidc-provider with its own login page, which believes every
// name; which roles a name has stands in a file.
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const [port, desk, secret, roles] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "desk",
      client_secret: secret,
      redirect_uris: [`${desk}/anmelden/zurueck`],
      post_logout_redirect_uris: [`${desk}/anmelden`],
    },
  ],
  // A claim beside the standard ones, as a city's own provider would have it; told on request only.
  claims: { openid: ["sub"], profile: ["preferred_username"], roles: ["roles"] },
  scopes: ["openid", "profile", "roles"],
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: `${id}@city.example`,
      roles: JSON.parse(readFileSync(roles, "utf8"))[id] ?? [],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
