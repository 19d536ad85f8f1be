/* Addresses as text: what passes, in which version. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "service_case.h"

static void strictness(void **state)
{
	static const struct service_case cases[] = {
	    {"leading zeros",
	     35, "v4",
	     NULL,						"{clusterIP: \"010.096.0.9\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 010.096.0.9 | spec.clusterIPs[0]: non-standard IP address "
	     "\"010.096.0.9\" will be considered invalid in a future Kubernetes release: use "
	     "\"10.96.0.9\"",																				   {0}},
	    {"leading zeros, 1.36",
	     36, "v4",
	     NULL,						"{clusterIP: \"010.096.0.9\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"010.096.0.9\": must not have leading 0s",												{0}},
	    {"mapped",
	     33, "v4",
	     NULL,						"{clusterIP: \"::ffff:10.96.0.9\", ports: [{port: 80}]}",
	     "ok SingleStack IPv4 ::ffff:10.96.0.9 | spec.clusterIPs[0]: non-standard IP address "
	     "\"::ffff:10.96.0.9\" will be considered invalid in a future Kubernetes release: use "
	     "\"10.96.0.9\"",																				   {0}},
	    {"mapped, 1.36",
	     36, "v4",
	     NULL,						"{clusterIP: \"::ffff:10.96.0.9\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"::ffff:10.96.0.9\": must not be an IPv4-mapped "
	     "IPv6 address",																				    {0}},
	    {"a long group",
	     36, "v6",
	     NULL,						"{clusterIP: \"fd00:10:96::00009\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"fd00:10:96::00009\": must not have leading 0s",											  {0}},
	    {"a stored address passes as it is",
	     36, "v4",
	     "{type: ClusterIP, clusterIP: 010.096.0.9, clusterIPs: [010.096.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", "{type: ClusterIP, clusterIP: 010.096.0.9, clusterIPs: [010.096.0.9], ipFamilies: [IPv4], "
	     "ipFamilyPolicy: SingleStack, ports: [{port: 80}]}", "ok SingleStack IPv4 010.096.0.9 | spec.clusterIPs[0]: non-standard IP address "
	     "\"010.096.0.9\" is invalid: use \"10.96.0.9\"", {0}},
	    {"zone",
	     31, "v6",
	     NULL,						"{clusterIP: \"fe80::1%eth0\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"fe80::1%eth0\": must be a valid IP address, "
	     "(e.g. 10.9.8.7 or 2001:db8::ffff)",																	       {0}},
	    {"a name that is not None",
	     20, "v4",
	     NULL,						"{clusterIP: \"none\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"none\": must be a valid IP address, (e.g. "
	     "10.9.8.7 or 2001:db8::ffff)",																		     {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void lists(void **state)
{
	static const struct service_case cases[] = {
	    {"None comes alone",
	     36, "v4",
	     NULL, "{clusterIP: None, clusterIPs: [None, 10.96.0.9], ports: [{port: 80}]}",
	     "422 spec.clusterIPs: Invalid value: [\"None\",\"10.96.0.9\"]: 'None' must be the first "
	     "and only value",												{0}},
	    {"three",
	     36, "v4v6",
	     NULL, "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, \"fd00::9\", 10.96.0.8], ipFamilyPolicy: "
	     "PreferDualStack, ports: [{port: 80}]}",			   "422 spec.clusterIPs: Invalid value: [\"10.96.0.9\",\"fd00::9\",\"10.96.0.8\"]: may only "
	     "hold up to 2 values",		    {0}},
	    {"one family twice",
	     33, "v4v6",
	     NULL, "{clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, 10.96.0.8], ipFamilyPolicy: "
	     "PreferDualStack, ports: [{port: 80}]}",			   "422 spec.clusterIPs: Invalid value: []string{\"10.96.0.9\", \"10.96.0.8\"}: may specify "
	     "no more than one IP for each IP family", {0}},
	    {"empty text",
	     36, "v4",
	     NULL, "{clusterIP: \"\", clusterIPs: [\"\"], ports: [{port: 80}]}",
	     "422 [spec.clusterIPs: Invalid value: [\"\"]: must be empty when `clusterIP` is not "
	     "specified, spec.clusterIPs[0]: Invalid value: \"\": must be a valid IP address, (e.g. "
	     "10.9.8.7 or 2001:db8::ffff)]",										  {0}},
	    {"HTML is escaped in JSON lists only",
	     36, "v4",
	     NULL, "{clusterIP: \"<a>\", clusterIPs: [\"<b>\"], ports: [{port: 80}]}",
	     "422 [spec.clusterIPs: Invalid value: [\"\\u003cb\\u003e\"]: first value must match "
	     "`clusterIP`, spec.clusterIPs[0]: Invalid value: \"<b>\": must be a valid IP address, "
	     "(e.g. 10.9.8.7 or 2001:db8::ffff)]",									    {0}},
	    {"families",
	     36, "v4",
	     NULL, "{ipFamilies: [IPv4, ipv6, IPv4], ipFamilyPolicy: Both, ports: [{port: 80}]}",
	     "422 [spec.ipFamilies[1]: Unsupported value: \"ipv6\": supported values: \"IPv4\", "
	     "\"IPv6\", spec.ipFamilies[2]: Duplicate value: \"IPv4\", spec.ipFamilyPolicy: Unsupported "
	     "value: \"Both\": supported values: \"PreferDualStack\", \"RequireDualStack\", "
	     "\"SingleStack\"]",											      {0}},
	    {"an input cannot pass for a placeholder",
	     36, "v4",
	     NULL, "{clusterIP: \"<IPv4>\", ports: [{port: 80}]}",
	     "422 spec.clusterIPs[0]: Invalid value: \"<IPv4>\": must be a valid IP address, (e.g. "
	     "10.9.8.7 or 2001:db8::ffff)",										   {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void external_ips(void **state)
{
	static const struct service_case cases[] = {
	    {"special ones",
	     32, "v4",
	     NULL, "{externalIPs: [0.0.0.0, 127.0.0.1, 169.254.0.1, 224.0.0.1, x], ports: [{port: 80}]}",
	     "422 [spec.externalIPs[0]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0), "
	     "spec.externalIPs[1]: Invalid value: \"127.0.0.1\": may not be in the loopback range "
	     "(127.0.0.0/8, ::1/128), spec.externalIPs[2]: Invalid value: \"169.254.0.1\": may not be "
	     "in the link-local range (169.254.0.0/16, fe80::/10), spec.externalIPs[3]: Invalid value: "
	     "\"224.0.0.1\": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10), "
	     "spec.externalIPs[4]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or "
	     "2001:db8::ffff)]",           {0}},
	    /* validation.go:ValidateNonSpecialIP prints the text since 1.22 or 1.23, and was fixed text in 1.21 */
	    {"unspecified as it was typed",
	     36, "v4",
	     NULL, "{externalIPs: [\"0:0::0\"], ports: [{port: 80}]}",
	     "422 spec.externalIPs[0]: Invalid value: \"0:0::0\": may not be unspecified (0:0::0)", {0}},
	    {"unspecified, 1.21",
	     21, "v4",
	     NULL, "{externalIPs: [\"::\"], ports: [{port: 80}]}",
	     "422 spec.externalIPs[0]: Invalid value: \"::\": may not be unspecified (0.0.0.0)", {0}},
	    {"allowed",
	     32, "v4",
	     NULL, "{externalIPs: [192.0.2.1], ports: [{port: 80}]}",
	     "ok SingleStack IPv4 <IPv4>", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

static void source_ranges(void **state)
{
	static const struct service_case cases[] = {
	    /* validation.go:ValidateService up to 1.29, with the blank at the end */
	    {"as one list",
	     29, "v4",
	     NULL, "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, x], ports: [{port: 80}]}",
	     "422 spec.LoadBalancerSourceRanges: Invalid value: \"[10.0.0.0/8 x]\": must be a list of "
	     "IP ranges. For example, 10.240.0.0/24,10.250.0.0/24 ",												      {0}},
	    {"one by one, since 1.30",
	     30, "v4",
	     NULL, "{type: LoadBalancer, loadBalancerSourceRanges: [\" 10.0.0.0/8\", x], ports: [{port: 80}]}",
	     "422 spec.LoadBalancerSourceRanges[1]: Invalid value: \"x\": must be a valid CIDR value, "
	     "(e.g. 10.9.8.0/24 or 2001:db8::/64)",														      {0}},
	    /* validation.go:ValidateService since 1.33: existingSourceRanges, trimmed; the annotation when it changes */
	    {"stored ones pass, blanks aside",
	     36, "v4",
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ipFamilyPolicy: "
	     "SingleStack, loadBalancerSourceRanges: [\" 10.0.0.1/8\"], ports: [{port: 80, nodePort: 30080}]}",
	     "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.1/8], ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9 | spec.loadBalancerSourceRanges[0]: CIDR value \"10.0.0.1/8\" is ambiguous in "
	     "this context (should be \"10.0.0.0/8\" or \"10.0.0.1/32\"?)", {0}},
	    {"stored ones are checked again up to 1.32",
	     32, "v4",
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ipFamilyPolicy: "
	     "SingleStack, loadBalancerSourceRanges: [x], ports: [{port: 80, nodePort: 30080}]}",
	     "{type: LoadBalancer, loadBalancerSourceRanges: [x], ports: [{port: 80}]}",
	     "422 spec.LoadBalancerSourceRanges[0]: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or "
	     "2001:db8::/64)", {0}},
	    {"an annotation that stays",
	     33, "v4",
	     "!metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: \"y\"}}\nspec: "
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ipFamilyPolicy: "
	     "SingleStack, ports: [{port: 80, nodePort: 30080}]}",
	     "!metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: \"y\"}}\nspec: "
	     "{type: LoadBalancer, ports: [{port: 80}]}",
	     "ok SingleStack IPv4 10.96.0.9", {0}},
	    {"an annotation that stays, 1.32",
	     32, "v4",
	     "!metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: \"y\"}}\nspec: "
	     "{type: LoadBalancer, clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9], ipFamilies: [IPv4], ipFamilyPolicy: "
	     "SingleStack, ports: [{port: 80, nodePort: 30080}]}",
	     "!metadata: {name: web, annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: \"y\"}}\nspec: "
	     "{type: LoadBalancer, ports: [{port: 80}]}",
	     "422 metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: \"y\": must "
	     "be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)", {0}},
	    {"host bits, 1.36",
	     36, "v4",
	     NULL, "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.1/8, 010.0.0.0/8], ports: [{port: "
	     "80}]}",									 "422 [spec.LoadBalancerSourceRanges[0]: Invalid value: \"10.0.0.1/8\": must not have bits "
	     "set beyond the prefix length, spec.LoadBalancerSourceRanges[1]: Invalid value: "
	     "\"010.0.0.0/8\": must not have leading 0s in IP or prefix length]",						 {0}},
	    {"only for load balancers",
	     36, "v4",
	     NULL, "{loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}",
	     "422 spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is "
	     "'LoadBalancer'",																	   {0}},
	    {"annotation",
	     36, "v4",
	     NULL, "!metadata: {name: web, annotations: "
	     "{service.beta.kubernetes.io/load-balancer-source-ranges: \"10.0.0.0/8, y\"}}\nspec: "
	     "{type: LoadBalancer, ports: [{port: 80}]}",				     "422 metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid "
	     "value: \"y\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)", {0}},
	};

	(void)state;
	SERVICE_CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strictness),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(external_ips),
	    cmocka_unit_test(source_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
