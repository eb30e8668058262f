import AccessControl
public import FastJSON
public import IssueModel
import Journal
import Store

extension AccessStatus {
    /// What must be looked at now; empty where all is well.
    public func alarms(source: String) -> [String] {
        guard let last = tooMuch.first else { return [] }
        let issues = Set(tooMuch.map(\.finding.issue)).count
        let them = issues == 1 ? "it" : "them"
        let key = last.key ?? "issue \(last.finding.issue)"
        return [
            "\(Self.count(issues, "issue")) would have been shown to somebody to whom Jira does not show "
                + "\(them). Withheld from everybody. Last: \(key), account \(last.finding.account), "
                + "\(last.finding.lastSeen.forPeople): \(last.finding.explanation) "
                + "'drawbridge access audit \(source)' checks again and releases what agrees."
        ]
    }

    /// What keeps something hidden, as sentences for people; at most a few.
    public func remarks(source: String) -> [String] {
        var lines: [String] = []
        if !missingProjects.isEmpty {
            let first = missingProjects.prefix(3).map { project in
                "\(project.key)\(project.since.map { " since \($0.forPeople)" } ?? ""): \(project.message)"
            }
            let rest = missingProjects.count > 3 ? ["… and \(missingProjects.count - 3) more"] : []
            lines.append("\(Self.count(missingProjects.count, "project")) hidden from everybody:")
            lines += (first + rest).map { "  " + $0 }
        }
        if unknownLevels > 0 {
            lines.append(
                "\(Self.count(issuesBehindUnknownLevels, "issue")) behind \(Self.count(unknownLevels, "security level")) whose "
                    + "members are not known ('drawbridge access levels \(source)').")
        }
        if !unknownHolders.isEmpty {
            let kinds = unknownHolders.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
            lines.append(
                "Kinds of permission holders not known here, which let nobody in: \(kinds.joined(separator: ", ")).")
        }
        if mode == .linked, members.linked == 0 || listings.isEmpty {
            lines.append(
                "Nobody sees anything of it until members link their own accounts ('drawbridge member link').")
        }
        let ended = listings.filter { !$0.isCurrent }
        if !ended.isEmpty {
            let names = ended.prefix(3).map { "\($0.account)\($0.problem.map { ": \($0)" } ?? "")" }
            lines.append(
                "\(Self.count(ended.count, "account")) with a listing that no longer counts: \(names.joined(separator: "; "))"
            )
        }
        if !problems.isEmpty {
            let first = problems.prefix(3).map { "\($0.fact): \($0.message)" }.joined(separator: "; ")
            let rest = problems.count > 3 ? "; and \(problems.count - 3) more" : ""
            lines.append("\(Self.count(problems.count, "fact")) could not be read when last tried: \(first)\(rest)")
        }
        if !tooLittle.isEmpty {
            lines.append(
                "\(Self.count(tooLittle.count, "pair")) of account and issue that Jira shows and Drawbridge does not "
                    + "('drawbridge access explain KEY --as ACCOUNT').")
        }
        return lines
    }

    /// One line on how the source decides and how fresh that is.
    public func summary(now: Timestamp) -> String {
        var parts = [Self.count(shownProjects, "project") + " shown"]
        let archived = hiddenProjects.count - missingProjects.count
        if archived > 0 { parts.append("\(archived) archived, and hidden as in Jira") }
        if mode != .linked, let oldestFact {
            parts.append(
                "oldest rule read \(Self.age(oldestFact, now)) ago (lease \(Self.duration(Int64(options.lease))))")
        }
        if members.all > 0 { parts.append("\(members.linked) of \(Self.count(members.all, "member")) linked") }
        if !listings.isEmpty, let oldest = listings.compactMap(\.verified).min() {
            parts.append("\(Self.count(listings.count, "personal listing")), oldest \(Self.age(oldest, now))")
        }
        if let audit = lastAudit, let ended = audit.ended {
            parts.append(
                "checked against Jira \(Self.age(ended, now)) ago: \(Self.count(audit.totals.pairs, "pair")), "
                    + "\(Self.count(audit.totals.tooMuch + audit.totals.tooLittle, "difference"))")
            if let coverage {
                let share = coverage.of == 0 ? 100 : coverage.pairs * 100 / coverage.of
                parts.append("\(share) % of all pairs since \(coverage.since.forPeople)")
            }
            parts.append(
                lastMismatch.map { "last difference \(Self.age($0.finding.lastSeen, now)) ago" } ?? "no difference ever"
            )
        } else {
            parts.append("not yet checked against Jira")
        }
        return parts.joined(separator: "; ")
    }

    /// The `access` object of `status`.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("mode", mode.rawValue)
            json.member("refreshSeconds", options.refresh)
            json.member("leaseSeconds", options.lease)
            json.member("auditShare", Int((options.auditShare * 100).rounded()))
            json.member("newestFact", newestFact?.rfc3339)
            json.member("oldestFact", oldestFact?.rfc3339)
            json.member("shownProjects", shownProjects)
            json.key("hiddenProjects")
            json.array { json in
                for project in hiddenProjects {
                    json.object { json in
                        json.member("key", project.key)
                        json.member("code", project.code.rawValue)
                        json.member("message", project.message)
                        json.member("since", project.since?.rfc3339)
                        json.member("archived", project.isArchived)
                    }
                }
            }
            json.key("unknownHolders")
            json.object { json in
                for (kind, count) in unknownHolders.sorted(by: { $0.key < $1.key }) { json.member(kind, count) }
            }
            json.key("levels")
            json.object { json in
                json.member("declared", declaredLevels)
                json.member("unknown", unknownLevels)
                json.member("hiddenIssues", issuesBehindUnknownLevels)
            }
            json.key("audit")
            writeAudit(to: &json)
            json.member("withheld", withheld)
            json.key("members")
            json.object { json in
                json.member("all", members.all)
                json.member("linked", members.linked)
            }
            writeListings(to: &json)
            json.key("problems")
            json.array { json in
                for problem in problems {
                    json.object { json in
                        json.member("fact", problem.fact)
                        json.member("message", problem.message)
                    }
                }
            }
        }
    }

    private func writeAudit(to json: inout JSONWriter) {
        json.object { json in
            json.member("tooMuch", tooMuch.count)
            json.member("tooLittle", tooLittle.count)
            json.key("lastRun")
            if let run = lastAudit {
                json.object { json in
                    json.member("ended", run.ended?.rfc3339)
                    json.member("pairs", run.totals.pairs)
                    json.member("accounts", run.totals.accounts)
                    json.member("issues", run.totals.issues)
                    json.member("requests", run.totals.requests)
                    json.member("problem", run.problem)
                }
            } else {
                json.null()
            }
            json.key("coverage")
            if let coverage {
                json.object { json in
                    json.member("pairs", coverage.pairs)
                    json.member("of", coverage.of)
                    json.member("since", coverage.since.rfc3339)
                }
            } else {
                json.null()
            }
            json.key("lastMismatch")
            if let lastMismatch { Self.write(lastMismatch, to: &json) } else { json.null() }
            json.key("findings")
            json.array { json in
                for finding in findings.prefix(100) { Self.write(finding, to: &json) }
            }
        }
    }

    private static func write(_ finding: Finding, to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", finding.finding.kind.rawValue)
            json.member("account", finding.finding.account.rawValue)
            json.member("issue", finding.finding.issue.description)
            json.member("key", finding.key)
            json.member("explanation", finding.finding.explanation)
            json.member("found", finding.finding.found.rfc3339)
            json.member("lastSeen", finding.finding.lastSeen.rfc3339)
            json.member("resolved", finding.finding.resolved?.rfc3339)
        }
    }

    private func writeListings(to json: inout JSONWriter) {
        json.key("listings")
        json.array { json in
            for listing in listings {
                json.object { json in
                    json.member("account", listing.account.rawValue)
                    json.member("issues", listing.issues)
                    json.member("verifiedAt", listing.verified?.rfc3339)
                    json.member("current", listing.isCurrent)
                    json.member("problem", listing.problem)
                }
            }
        }
    }

    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func age(_ moment: Timestamp, _ now: Timestamp) -> String {
        duration(max(0, (now.rawValue - moment.rawValue) / 1_000))
    }

    private static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
