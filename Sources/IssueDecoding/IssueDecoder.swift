import AtlassianDocument
package import FastJSON
public import IssueModel

/// Makes issues of Jira's JSON: now, when it arrives, or at any later time from a stored ``RawIssue``.
public struct IssueDecoder: Sendable {
    public let catalogue: FieldCatalogue
    public let flavour: Flavour
    private let parsers = ParserPool()

    public init(fields: FieldCatalogue, flavour: Flavour) {
        catalogue = fields
        self.flavour = flavour
    }

    /// Decodes a stored record, without those of its parts that cannot be decoded.
    ///
    /// - Throws: ``IssueDecodingError`` that names the part which is not as Jira documents it.
    public func decode(_ raw: RawIssue) throws(IssueDecodingError) -> Issue {
        var issue = try parse(raw.issue) { view in try decode(view).issue }
        if let comments = raw.comments {
            let list = try parse(comments) { PartList($0.elements, .comment) { try Self.comment($0) } }
            issue.comments = list.values
            var damaged = list.damaged
            issue.closeAttachments(beside: &damaged)
        }
        if let worklogs = raw.worklogs {
            issue.worklogs = try parse(worklogs) { PartList($0.elements, .worklog) { try Self.worklog($0) } }.values
        }
        if let changelog = raw.changelog {
            issue.changes = try parse(changelog) { try $0.elements.map { try Self.change($0) } }
        }
        return issue
    }

    /// An issue and which of its lists Jira cut short.
    package struct Outcome {
        package var issue: Issue
        package var truncated: Set<IssuePart> = []
        package var damaged: [DamagedPart] = []
    }

    package func decode(_ view: JSONView) throws -> Outcome {
        guard let idText = view["id"], let id = idText.issueID else { throw IssueDecodingError.missing("id") }
        guard let key = view["key"]?.string.flatMap({ IssueKey($0) }) else { throw IssueDecodingError.missing("key") }
        guard let fields = view["fields"], fields.kind == .object else { throw IssueDecodingError.missing("fields") }
        var draft = IssueDraft(id: id, key: key)
        for member in fields.members where !member.value.isNull {
            let plan = catalogue.kinds[member.key]
            do {
                if let system = plan?.system {
                    try draft.take(system, member.value)
                } else {
                    try draft.take(other: plan, member)
                }
            } catch let error as IssueDecodingError {
                throw error.within(plan?.system?.rawValue ?? member.name)
            } catch {
                throw IssueDecodingError(reason: "bad_document", field: plan?.system?.rawValue ?? member.name)
            }
        }
        if let changelog = view["changelog"], changelog.kind == .object {
            try draft.take(changelog: changelog)
        }
        return try draft.finish()
    }

    private func parse<Result>(
        _ bytes: [UInt8], _ body: (JSONView) throws -> Result
    ) throws(IssueDecodingError) -> Result {
        do {
            return try parsers.parse(bytes, body)
        } catch {
            throw IssueDecodingError(error)
        }
    }
}

/// Why an issue could not be decoded. Names the field, never its content.
public struct IssueDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `missing_field`, `bad_value`, `bad_document`, `bad_json`.
    public var reason: String
    public var field: String

    package init(reason: String, field: String) {
        self.reason = reason
        self.field = field
    }

    package init(_ error: any Error) {
        switch error {
        case let error as IssueDecodingError: self = error
        case is JSONError: self.init(reason: "bad_json", field: "")
        default: self.init(reason: "bad_document", field: "")
        }
    }

    package static func missing(_ field: String) -> Self { Self(reason: "missing_field", field: field) }
    package static func bad(_ field: String) -> Self { Self(reason: "bad_value", field: field) }

    func within(_ outer: String) -> Self {
        field == outer ? self : Self(reason: reason, field: field.isEmpty ? outer : "\(outer).\(field)")
    }

    public var description: String { "the issue cannot be decoded: \(reason) at \(field)" }
}

/// A list inside an issue that Jira may give only the beginning of.
package enum IssuePart: Hashable, Sendable, CaseIterable {
    case comments, worklogs, changelog
}
