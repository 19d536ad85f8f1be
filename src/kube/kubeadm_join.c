#include "kube/goflag.h"
#include "kube/kubeadm_priv.h"
#include "net/ip.h"
#include "yaml/scalar.h"

static bool is_set(const struct ds_yaml_node *n)
{
	return n && !ds_yaml_is_null(n);
}

static int check_token_discovery(struct ds__kubeadm *k, struct ds_verdict *v, const struct ds_yaml_node *n)
{
	const struct ds_yaml_node *hashes = ds_yaml_get(n, "caCertHashes");
	const struct ds_yaml_node *endpoint = ds_yaml_get(n, "apiServerEndpoint");
	struct ds_str s = ds__kubeadm_text(endpoint), host, port;
	const char *quoted = ds_go_quote(k->ctx->arena, s), *problem = NULL;
	bool unsafe = false;
	int r = 0;

	if (!quoted)
		return DS_ENOMEM;
	(void)ds_yaml_as_bool(ds_yaml_get(n, "unsafeSkipCAVerification"), &unsafe);
	if (s.n == 0)
		r = ds__kubeadm_error(k, v, n,
				      "discovery.bootstrapToken: Required value: APIServerEndpoint is not set");
	if (r == 0 && !unsafe && !(hashes && hashes->n))
		r = ds__kubeadm_error(
			k, v, n,
			"discovery.bootstrapToken.caCertHashes: Invalid value: \"\": using token-based discovery "
			"without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm "
			"config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue");
	if (r < 0)
		return r;
	r = ds_go_split_host_port(k->ctx->arena, s, &host, &port, &problem);
	if (r < 0 && r != DS_ENOMEM)
		r = ds__kubeadm_error(k, v, endpoint ? endpoint : n,
				      "discovery.bootstrapToken.apiServerEndpoint: Invalid value: %s: %s", quoted,
				      problem);
	return r;
}

/* documentMapToJoinConfiguration and ValidateJoinConfiguration, of what concerns addresses. */
int ds__kubeadm_validate_join(struct ds__kubeadm *k, struct ds_verdict *v)
{
	const struct ds_yaml_node *join = ds__kubeadm_root(k, DS__KUBEADM_JOIN);
	const struct ds_yaml_node *discovery = ds_yaml_get(join, "discovery");
	const struct ds_yaml_node *token = ds_yaml_get(discovery, "bootstrapToken"),
				  *file = ds_yaml_get(discovery, "file");
	const struct ds_yaml_node *address =
		ds_yaml_path(join, "controlPlane", "localAPIEndpoint", "advertiseAddress", NULL);
	struct ds_str s = ds__kubeadm_text(address);
	struct ds_ip ip;
	int r = 0;

	if (s.n && ds_ip_parse(s, DS_IP_SLOPPY, &ip) < 0)
		return ds__kubeadm_error(
			k, v, address,
			"couldn't use \"%.*s\" as \"apiserver-advertise-address\", must be ipv4 or ipv6 address",
			DS_STR_ARG(s));
	if (!is_set(token) && !is_set(file))
		r = ds__kubeadm_error(k, v, discovery ? discovery : join,
				      "discovery: Invalid value: \"\": bootstrapToken or file must be set");
	if (r == 0 && is_set(token) && is_set(file))
		r = ds__kubeadm_error(k, v, discovery,
				      "discovery: Invalid value: \"\": bootstrapToken and file cannot both be set");
	if (r == 0 && is_set(token))
		r = check_token_discovery(k, v, token);
	return r;
}
