public import AccessControl
import FastJSON
public import IssueModel

/// Why one reader sees one issue and its parts, or does not.
public struct AccessReport: Hashable, Sendable {
    public var key: String
    /// The reader's account id, `anonymous`, `unlinked` or `operator`.
    public var account: String
    public var explanation: AccessExplanation
    /// Comments, worklogs and attachments whose audience is not the issue's.
    public var parts: [Part]
    /// When what decides was last read from Jira: of several facts, the oldest; `nil` before the first time.
    public var verifiedAt: Timestamp?

    /// A part of the issue with a restriction of its own.
    public struct Part: Hashable, Sendable {
        public var kind: Kind
        /// Jira's id of it.
        public var id: EntityID
        public var explanation: AccessExplanation

        public enum Kind: String, Hashable, Sendable, CaseIterable { case comment, worklog, attachment }
    }

    /// The `access explain` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("key", key)
            json.member("account", account)
            json.member("visible", explanation.visible)
            json.key("clauses")
            Self.write(explanation.clauses, to: &json)
            json.key("parts")
            json.array { json in
                for part in parts {
                    json.object { json in
                        json.member("kind", part.kind.rawValue)
                        json.member("id", part.id.rawValue)
                        json.member("visible", part.explanation.visible)
                        json.key("clauses")
                        Self.write(part.explanation.clauses, to: &json)
                    }
                }
            }
            json.member("verifiedAt", verifiedAt?.rfc3339)
        }
        return writer.bytes
    }

    private static func write(_ clauses: [AccessExplanation.Clause], to json: inout JSONWriter) {
        json.array { json in
            for clause in clauses {
                json.object { json in
                    json.member("clause", clause.kind.rawValue)
                    json.member("holds", clause.holds)
                    json.strings("because", clause.because)
                }
            }
        }
    }

    /// The same for people. Parts with the same restriction are told together.
    public var text: String {
        var text = "\(account) \(explanation.visible ? "sees" : "does not see") \(key).\n"
        for clause in explanation.clauses {
            text += "\n\(clause.kind.rawValue): \(clause.holds ? "holds" : "does not hold")\n"
            for line in clause.because { text += "  - \(line)\n" }
        }
        let shared = Set(explanation.clauses)
        var groups: [(part: Part, ids: [String])] = []
        for part in parts {
            let index = groups.firstIndex { $0.part.kind == part.kind && $0.part.explanation == part.explanation }
            if let index {
                groups[index].ids.append(part.id.rawValue)
            } else {
                groups.append((part, [part.id.rawValue]))
            }
        }
        for (part, ids) in groups {
            let shown = ids.prefix(Self.shownIDs).joined(separator: ", ")
            let rest = ids.count > Self.shownIDs ? " and \(ids.count - Self.shownIDs) more" : ""
            text += "\n\(part.kind.rawValue)\(ids.count == 1 ? "" : "s") \(shown)\(rest): "
            text += part.explanation.visible ? "visible\n" : "hidden\n"
            for line in part.explanation.clauses.filter({ !shared.contains($0) }).flatMap(\.because) {
                text += "  - \(line)\n"
            }
        }
        return text + "\nThe rules were last read: \(verifiedAt?.forPeople ?? "not yet")."
    }

    private static let shownIDs = 20
}
