#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema_util.h"

#define HOOK(url)                                                                                                           \
	"---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {name: h}\n"     \
	"webhooks: [{name: a, clientConfig: {url: '" url "'}}]\n"

static const struct schema_row rows[] = {
	{"IPv4", HOOK("https://192.0.2.1:8443/x"), "string(cluster.webhooks[0].ip) == '192.0.2.1'"},
	{"IPv6", HOOK("https://[fd00::1]:8443/x"), "string(cluster.webhooks[0].ip) == 'fd00::1'"},
	{"without a port", HOOK("https://[fd00::1]"), "cluster.webhooks[0].ip.family() == 6"},
	{"a name", HOOK("https://a.example.com/192.0.2.1"), "!has(cluster.webhooks[0].ip) && cluster.webhooks[0].webhook == 'a'"},
	{"no url", HOOK("192.0.2.1"), "!has(cluster.webhooks[0].ip)"},
	{"unended", HOOK("https://[fd00::1"), "has(cluster.webhooks[0].ip)"},
	{"a Service",
	 "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: h}\n"
	 "webhooks: [{name: a, clientConfig: {service: {name: x}}}, 5, {clientConfig: {url: []}}]\n",
	 "size(cluster.webhooks) == 0"},
	{"an ingress controller's ConfigMap",
	 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\ndata: {disable-ipv6: 'true', disable-ipv6-dns: 'false', x: y}\n",
	 "cluster.ingressSettings.map(s, s.where + ' ' + s.key + ' ' + s.value) == "
	 "['ConfigMap n/c disable-ipv6 true', 'ConfigMap n/c disable-ipv6-dns false']"},
	{"another one", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {disable-ipv6: {a: b}}\n",
	 "size(cluster.ingressSettings) == 0"},
};

static void rules_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void memory_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < DS_ARRAY_SIZE(rows); i++)
		check_memory(rows[i].objects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_see),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
