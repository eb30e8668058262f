internal import AuditTrail
public import Console
internal import FastJSON
internal import IssueModel
internal import Store

extension AccountCommands {
    /// Commands about the audit trail.
    public var audit: [Command] { [auditList, auditVerify] }

    private var auditList: Command {
        Command(
            words: ["audit", "list"], summary: "List what was done to this installation, by whom and from where",
            options: [
                .value("--limit", "N", "how many at most, the newest first (default 50)"),
                .value("--before", "NUMBER", "only rows before this one"),
                .flag("--json", "print one JSON object a line"),
            ],
            example: "drawbridge audit list --limit 20"
        ) { invocation in
            let limit = try invocation.number("--limit", in: 1...AuditTrail.pageLimit) ?? 50
            let before = try invocation.number("--before", in: 1...Int.max).map { Int64($0) }
            return try await reading(invocation) { store in
                let rows = try await store.read { try AuditTrail.list(before: before, limit: limit, in: $0) }
                for row in rows {
                    if invocation.wantsJSON {
                        Terminal.print(row.json)
                    } else {
                        let who = row.actorName.isEmpty ? row.actor : row.actorName
                        let place = row.remote.isEmpty ? row.via : "\(row.via), \(row.remote)"
                        let details = row.details == "{}" ? "" : "  \(row.details)"
                        Terminal.print(
                            Terminal.visible(
                                "\(row.number)  \(row.at.rfc3339)  \(who) (\(place))  \(row.action)  \(row.subject)\(details)"
                            ))
                    }
                }
                return .done
            }
        }
    }

    private var auditVerify: Command {
        Command(
            words: ["audit", "verify"], summary: "Compute the chain of the audit trail again, and print its head",
            options: [
                .value("--head", "NUMBER:HASH", "a head that was kept elsewhere: it must be in the chain"),
                .flag("--json", "print it as JSON"),
            ],
            discussion: """
                Each row's hash covers the row before, so a row that was changed, left out or put in breaks the chain. Rows cut off the end
                show only against a head that was kept elsewhere: keep what this prints where nobody of this machine can write.
                """,
            example: "drawbridge audit verify"
        ) { invocation in
            let known = try invocation.value("--head").map { text in
                guard let head = AuditHead(text) else {
                    throw UsageError("--head takes NUMBER:HASH, as this command prints it")
                }
                return head
            }
            return try await reading(invocation) { store in
                let found = try await store.read { try AuditTrail.verify(against: known, in: $0) }
                if invocation.wantsJSON {
                    let value: JSONValue = [
                        "holds": .bool(found.problem == nil), "head": .string(found.head.description),
                        "problem": found.problem.map { .string($0.word) } ?? .null,
                        "number": found.problem.map { .integer($0.number) } ?? .null,
                    ]
                    Terminal.print(value.serialized())
                    return found.problem == nil ? .done : .failed
                }
                if let problem = found.problem {
                    throw AuditError(.broken, "The audit trail does not hold. \(problem.words)")
                }
                Terminal.print("The audit trail holds: \(found.head.number) rows. Head: \(found.head)")
                return .done
            }
        }
    }
}
