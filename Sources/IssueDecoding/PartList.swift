package import FastJSON
package import IssueModel

/// A list of an issue's parts, decoded one by one: one that is not as Jira documents it costs only itself.
package struct PartList<Part> {
    package var values: [Part] = []
    package var damaged: [DamagedPart] = []

    package var count: Int { values.count + damaged.count }

    package init(_ elements: some Sequence<JSONView>, _ kind: DamagedPart.Kind, _ decode: (JSONView) throws -> Part) {
        for element in elements { take(element, kind, decode) }
    }

    package init() {}

    /// Adds one part.
    package mutating func take(
        _ element: JSONView, _ kind: DamagedPart.Kind, _ decode: (JSONView) throws -> Part
    ) {
        do {
            values.append(try decode(element))
        } catch {
            let id = element["id"]?.identifier ?? "#\(count)"
            damaged.append(DamagedPart(kind, id: id, IssueDecodingError(error)))
        }
    }
}

extension Issue {
    /// Leaves all attachments out where a comment could not be decoded: which of them belong to it, and so who may see
    /// them, is not known.
    package mutating func closeAttachments(beside damaged: inout [DamagedPart]) {
        guard damaged.contains(where: { $0.kind == .comment }) else { return }
        let reason = IssueDecodingError(reason: "restriction_unknown", field: "comment")
        damaged += attachments.map { DamagedPart(.attachment, id: $0.id.rawValue, reason) }
        attachments = []
    }
}
