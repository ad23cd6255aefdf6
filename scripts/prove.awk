# SPDX-License-Identifier: BSD-2-Clause
# For scripts/prove.sh.  what=cases, what=tests: lists of a run's results file.
# what=document: from two files to docs/proof.md; the first is "RUN IMAGE TEST WORD" of runs
# that are honest, the second has faults, TESTs under them, falsified checks, known failures.
# what=unnoticed: from the same, the faults that no TEST has noticed.
function field(name,  i) {
	for (i = 2; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}
function file(path) { sub(/.*\//, "", path); sub(/\..*/, "", path); return path }
function green(word) { return word == "PASS" || word == "XFAIL" }
function key(image, test) { return image ": " test }
function add(list, item) { return list == "" ? item : list ", " item }
# One TEST may be in several cases: what fails in any of them has failed.
function note(table, name, word) {
	if (!(name in table) || (green(table[name]) && word != "SKIP"))
		table[name] = word
}
what == "cases" {
	if ($1 == "case")
		print field("name"), file(field("image")), field("duration_ns") / 1e9
	next
}
what == "tests" {
	if ($1 == "case")
		of = file(field("image"))
	else if ($1 == "test")	# without a word, it began and never ended
		print of, field("name"), field("word") == "" ? "HUNG" : field("word")
	next
}
FNR == NR {
	name = key($2, $3)
	if ($1 == "honest")
		note(honest, name, $4)
	else
		note(control, $1 SUBSEP name, $4)
	next
}
$1 == "fault" {
	fault = $2; means[fault] = $3; told[fault] = $4
	order[++faults] = fault
}
$1 == "test" { note(under, $2 SUBSEP key($3, $4), $5) }
$1 == "known" { known[key($2, $3)] = 1 }
$1 == "case" { image[$2] = $3 }
# CASE TEST noticed|unnoticed SITE: a site that several cases reach is one
$1 == "falsified" {
	name = key(image[$2], $3)
	site = name
	for (i = 5; i <= NF; i++)
		site = site " " $i
	if (!(site in checks)) {
		checks[site] = $4
		owner[site] = name
	} else if ($4 == "noticed")
		checks[site] = $4
}
$1 == "again" { note(again, key($2, $3), $4) }
END {
	if (what != "document" && what != "unnoticed")
		exit
	for (i = 1; i <= faults; i++) {
		fault = order[i]
		for (name in honest) {
			base = control[means[fault] SUBSEP name]
			word = under[fault SUBSEP name]
			if (!green(honest[name]) || !green(base) || word == "" || green(word) ||
			    word == "SKIP")
				continue
			noticed[name] = add(noticed[name], "`" fault "`")
			by[fault]++
		}
	}
	if (what == "unnoticed") {
		for (i = 1; i <= faults; i++)
			if (!by[order[i]])
				print order[i]
		exit
	}
	for (site in checks) {
		falsified[owner[site]]++
		if (checks[site] != "noticed")
			survived[owner[site]]++
	}
	print "# What each TEST has been seen to notice\n"
	print "`make prove` wrote this: the suite with every check of each TEST falsified, its outcome, a far"
	print "bit of its value or its error code, its vector; and quick cases under every [deliberate"
	print "fault](deliberate-faults.md) of the embedded VMM, the others under those that were not noticed"
	print "then (`ALL=1 make prove`: under every one).  `N of M` checks means that N of M ways to falsify"
	print "one made the TEST fail.  A *bug* is one of a named VMM, in [known failures](../x86/known-failures/)."
	print "*Must* is a TEST that is wrong on purpose, and failed here as it must: of the harness's own words."
	print "TESTs that were SKIP, or fail by themselves on this host, are not in the table.\n"
	print "| TEST | noticed the faults | falsified checks | bug |\n|---|---|---|---|"
	sort = "LC_ALL=C sort"
	for (name in honest) {
		if (!green(honest[name]))
			continue
		tests++
		m = falsified[name] + 0
		failed = name in known ? "yes" : honest[name] == "XFAIL" ? "must" : ""
		kind = noticed[name] != "" ? 1 : failed != "" ? 2 : m > survived[name] + 0 ? 3 : 4
		kinds[kind]++
		printf "| %s | %s | %s | %s |\n", name, noticed[name],
			m ? m - survived[name] " of " m : "", failed | sort
	}
	close(sort)
	printf "\n%d TESTs: %d noticed a fault, %d more found a bug or must fail, of %d more there is only a", \
		tests, kinds[1], kinds[2], kinds[3]
	printf " falsified check, and of %d nothing.\n", kinds[4]
	print "\n## Faults by who noticed\n"
	print "| fault | TESTs that noticed | cases in which it showed |\n|---|---|---|"
	for (i = 1; i <= faults; i++)
		printf "| `%s` | %d | %d |\n", order[i], by[order[i]], told[order[i]]
	for (site in checks)
		if (checks[site] != "noticed" && honest[owner[site]] == "PASS")
			silent[++silents] = site
	for (name in honest)
		if (honest[name] == "PASS" && name in again && !green(again[name]))
			spent[++spents] = name
	list("Falsified checks that changed no verdict", silent, silents)
	list("TESTs that do not pass a second time in one boot", spent, spents)
}
function list(title, names, n,  i) {
	if (!n)
		return
	print "\n## " title "\n"
	for (i = 1; i <= n; i++)
		print "- " names[i] | sort
	close(sort)
}
