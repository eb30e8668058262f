import FastJSON
import IssueModel
import Reading
import SimulatedSite
import SiteConnection

extension AccessComparison {
    /// Every issue by key and by id: the whole of it for those who may see it, the words for an absent one for others.
    func compareIssues(_ subject: inout Subject) async throws {
        let reader = IssueReader(store: store)
        let state = oracle.state
        let absent = await refusal("QZQZQZ-1", subject.who)
        let absentID = await refusal("999999999", subject.who)
        for id in sampled(oracle.readable.issues.keys.sorted(), by: { $0 }) {
            guard let ordinal = state.ordinal(id: id) else { continue }
            // A project's new key reaches its issues when they are read again.
            let key = keys[id] ?? state.key(of: ordinal)
            guard subject.sight.issues[id] != nil else {
                for (name, expected, other) in [(key, absent, "QZQZQZ-1"), (String(id), absentID, "999999999")] {
                    let ours = await refusal(name, subject.who)
                    if ours.name(name) != expected.name(other) {
                        subject.add(
                            .issueErrors, isLeak: true,
                            "hidden \(name): “\(ours.text)”, but “\(expected.text)” for none such")
                    }
                }
                continue
            }
            do {
                let view = try await reader.issue(key, as: subject.who)
                compare(&subject, id, view)
                let other = try await reader.issue(String(id), as: subject.who)
                if other != view { subject.add(.issue, isLeak: false, "\(key) differs by key and by id") }
            } catch let error as ReadingError {
                if !oracle.optional.contains(.issue(id)) {
                    subject.add(.issue, isLeak: false, "\(key): \(error.code)")
                }
            }
        }
    }

    private func compare(_ subject: inout Subject, _ id: Int, _ view: IssueView) {
        guard let json = try? JSONValue(parsing: view.json) else {
            subject.add(.issue, isLeak: false, "issue \(id) is no JSON")
            return
        }
        func ids(_ name: String) -> [Int] {
            (json[name]?.array ?? []).compactMap { $0["id"]?.string.flatMap { Int($0) } }
        }
        let seen = Set(
            ids("comments").map { RecordID.comment($0) } + ids("worklogs").map { .worklog($0) }
                + ids("attachments").map { .attachment($0) })
        var expected: Set<RecordID> = []
        if let parts = subject.sight.issues[id] {
            expected.formUnion(parts.comments.map { .comment($0) })
            expected.formUnion(parts.worklogs.map { .worklog($0) })
            expected.formUnion(parts.attachments.map { .attachment($0) })
        }
        subject.compare(.issue, seen, expected, oracle)
        compareRelations(&subject, id, json)
        inspect(&subject, .issue, view.json, id)
        inspect(&subject, .issue, Array(view.markdown.utf8), id)
    }

    /// Words of hidden records, but for names of files in the history: Jira itself shows the history to all who see the issue.
    func inspect(_ subject: inout Subject, _ path: Path, _ bytes: [UInt8], _ id: Int) {
        let history = Self.history(in: bytes)
        subject.search(path, Array(bytes[..<history]), for: "issue \(id)")
        var later = subject
        later.hiddenWords = later.hiddenWords.filter { !tokens.isFileName($0) }
        later.search(path, Array(bytes[history...]), for: "the history of issue \(id)")
        subject.findings = later.findings
    }

    /// Where the history begins, which is the last part of a document and of a page.
    private static func history(in bytes: [UInt8]) -> Int {
        for mark in ["\"changes\":[", "\n## History"].map({ Array($0.utf8) }) {
            var index = bytes.count - mark.count
            while index >= 0 {
                if bytes[index...].starts(with: mark) { return index }
                index -= 1
            }
        }
        return bytes.count
    }

    /// Links, parent and sub-tasks: those the reader may see, and no others.
    private func compareRelations(_ subject: inout Subject, _ id: Int, _ json: JSONValue) {
        let state = oracle.state
        guard let ordinal = state.ordinal(id: id) else { return }
        let content = state.content(of: ordinal)
        func compare(_ what: String, _ shown: [String], _ related: [Int]) {
            let seen = Set(shown.compactMap { state.ordinal(key: $0) }.map { RecordID.issue(state.row($0).id) })
            let wanted = related.map { state.row($0).id }.filter { subject.sight.issues[$0] != nil }
            subject.compare(.relations, seen, Set(wanted.map { .issue($0) }), oracle, of: "\(what) of issue \(id): ")
        }
        compare("links", (json["links"]?.array ?? []).compactMap { $0["key"]?.string }, content.links.map(\.other))
        let parent = Int(state.row(ordinal).parent)
        // Data Center has a parent for sub-tasks only; an epic's issues name it in a field of their own.
        let type = state.catalogue.issueTypes[Int(state.row(ordinal).type)]
        let hasParent = parent >= 0 && (type.isSubtask || state.configuration.flavour.isCloud)
        compare("parent", [json["parent"]?.string].compactMap { $0 }, hasParent ? [parent] : [])
        let subtasks = json["fields"]?["Sub-tasks"]?.array ?? []
        // A new sub-task is not marked as an update of its parent: the parent's copy may not name it yet.
        let named = Set(subtasks.compactMap(\.string).compactMap { state.ordinal(key: $0) })
        compare("sub-tasks", subtasks.compactMap(\.string), content.subtasks.filter { named.contains($0) })
    }

    /// How reading an issue ends that cannot be read.
    struct Refusal: Sendable {
        var text: String

        /// The text without the name that was asked for.
        func name(_ name: String) -> String {
            text.split(separator: name, omittingEmptySubsequences: false).joined(separator: "%")
        }
    }

    func refusal(_ name: String, _ who: String?) async -> Refusal {
        do {
            let view = try await IssueReader(store: store).issue(name, as: who)
            return Refusal(text: "shown: \(view.issue.summary)")
        } catch let error as ReadingError {
            return Refusal(text: "\(error.code) \(error.message) \(error.description)")
        } catch {
            return Refusal(text: "\(type(of: error))")
        }
    }
}
