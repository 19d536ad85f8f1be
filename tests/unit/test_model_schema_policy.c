#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema_util.h"

#define POLICY(name, spec)                                                                                                  \
	"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: " name "}\nspec: {" spec "}\n"
#define TO4 "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"
#define TO6 "egress: [{to: [{ipBlock: {cidr: '::/0'}}]}]"

static const struct schema_row rows[] = {
	{"everybody of one family", POLICY("a", "podSelector: {}, " TO4),
	 "cluster.networkPolicies[0].oneFamily.map(b, b.field + b.missing) == ['spec.egress[0].to[0].ipBlock.cidrIPv6']"},
	{"of the other", POLICY("a", "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]"),
	 "cluster.networkPolicies[0].oneFamily[0].missing == 'IPv4' && cluster.networkPolicies[0].oneFamily[0].direction == 'ingress'"},
	{"any block of the other family is enough",
	 POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '2000::/3'}}]}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 0 && cluster.networkPolicies[0].everybody == 1"},
	{"in another rule", POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {to: [{ipBlock: {cidr: '::/0'}}]}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 0"},
	{"a rule for all is one for both", POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 0"},
	{"but not for other ports",
	 POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}, {ports: [{port: 53}]}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 1"},
	{"the same ports", POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 53}]}, {ports: [{port: 53}]}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 0"},
	{"not the other direction",
	 POLICY("a", "podSelector: {}, egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}], ingress: [{}]"),
	 "size(cluster.networkPolicies[0].oneFamily) == 1"},
	{"a policy for the same Pods", POLICY("a", "podSelector: {matchLabels: {a: b}}, " TO4) POLICY("b", "podSelector: {matchLabels: {'a': \"b\"}}, " TO6),
	 "cluster.networkPolicies.all(p, size(p.oneFamily) == 0)"},
	{"for all Pods", POLICY("a", "podSelector: {matchLabels: {a: b}}, " TO4) POLICY("b", "podSelector: {matchLabels: {}}, " TO6),
	 "size(cluster.networkPolicies[0].oneFamily) == 0 && size(cluster.networkPolicies[1].oneFamily) == 1"},
	{"for others", POLICY("a", "podSelector: {matchLabels: {a: b}}, " TO4) POLICY("b", "podSelector: {matchLabels: {a: c}}, " TO6),
	 "cluster.networkPolicies.all(p, size(p.oneFamily) == 1)"},
	{"in another namespace", POLICY("a", "podSelector: {}, " TO4) POLICY("b, namespace: c", "podSelector: {}, " TO6),
	 "cluster.networkPolicies.all(p, size(p.oneFamily) == 1)"},
	{"a direction that does not count", POLICY("a", "podSelector: {}, policyTypes: [Ingress], " TO4),
	 "cluster.networkPolicies[0].everybody == 0"},
	{"mixed exceptions",
	 POLICY("a", "egress: [{}, {to: [{}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 'fd00::/8', x]}}]}]"),
	 "cluster.networkPolicies[0].excepts == 3 && cluster.networkPolicies[0].mixedExcepts.map(m, m.field + ' ' + m.except) == "
	 "['spec.egress[1].to[1].ipBlock.except[1] fd00::/8']"},
	{"a template", POLICY("a", "egress: [{to: [{ipBlock: {cidr: '{{ .Values.x }}'}}]}]"), "?cluster.networkPolicies[0].everybody == 0"},
	{"oddly shaped", POLICY("a", "podSelector: 5, egress: [7, {to: 3}, {to: [~, {ipBlock: []}]}], ingress: {a: b}"),
	 "cluster.networkPolicies[0].blocks == 1"},
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
