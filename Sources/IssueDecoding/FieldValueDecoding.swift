import FastJSON
import IssueModel

extension FieldValue {
    /// Reads a custom field's value as its kind says; one that is of another shape is kept as Jira's JSON.
    ///
    /// - Returns: `nil` for an empty value.
    init?(_ view: JSONView, kind: FieldKind) throws {
        guard !view.isEmptyValue else { return nil }
        self = try Self.simple(view, kind) ?? Self.composed(view, kind) ?? Self.raw(view)
    }

    private static func simple(_ view: JSONView, _ kind: FieldKind) throws -> FieldValue? {
        switch kind {
        case .text: view.string.map { .text($0) }
        case .document: .document(try RichText.document(view))
        case .number: view.double.map { .number($0) }
        case .date: view.date.map { .date($0) }
        case .instant: view.timestampIfAny.map { .instant($0) }
        case .seconds: view.integer.map { .duration(seconds: $0) }
        case .any: judgedByShape(view)
        default: nil
        }
    }

    private static func composed(_ view: JSONView, _ kind: FieldKind) -> FieldValue? {
        switch kind {
        case .option, .entity: view.entityIfAny.map { .entity($0) }
        case .options, .entities: all(view) { $0.entityIfAny }.map { .entities($0) }
        case .cascading: path(view)
        case .account: Account(view).map { .account($0.id, displayName: $0.displayName) }
        case .accounts:
            all(view) { Account($0) }.map { accounts in
                .accounts(accounts.map { AccountReference(id: $0.id, displayName: $0.displayName) })
            }
        case .group: group(view).map { .groups([$0]) }
        case .groups: all(view, group).map { .groups($0) }
        case .labels: all(view) { $0.string }.map { .labels($0) }
        default: nil
        }
    }

    private static func raw(_ view: JSONView) -> FieldValue {
        .raw(json: String(decoding: view.serialized(), as: UTF8.self))
    }

    /// Every element of an array read, or nothing: half a value would be a wrong one.
    private static func all<Element>(_ view: JSONView, _ read: (JSONView) -> Element?) -> [Element]? {
        guard view.kind == .array else { return nil }
        var elements: [Element] = []
        for element in view.elements {
            guard let value = read(element) else { return nil }
            elements.append(value)
        }
        return elements
    }

    private static func path(_ view: JSONView) -> FieldValue? {
        var entities: [Entity] = []
        var next: JSONView? = view
        while let current = next, entities.count < 16, let entity = current.entityIfAny {
            entities.append(entity)
            next = current["child"]
        }
        return entities.isEmpty ? nil : .path(entities)
    }

    private static func group(_ view: JSONView) -> GroupID? {
        if let id = view["groupId"]?.string { return GroupID(id) }
        return view["name"]?.string.map { GroupID($0.lowercased()) }
    }

    private static func judgedByShape(_ view: JSONView) -> FieldValue? {
        switch view.kind {
        case .string: view.string.map { .text($0) }
        case .integer, .double: view.double.map { .number($0) }
        case .array: all(view) { $0.string }.map { .labels($0) }
        case .object:
            view["progress"] != nil && view["total"] != nil
                ? Progress(view).map { .progress(done: $0.done, total: $0.total, percent: $0.percent) } : nil
        default: nil
        }
    }
}

extension JSONView {
    /// Null, `""`, `[]` and `{}`.
    var isEmptyValue: Bool {
        switch kind {
        case .null: return true
        case .string: return utf8?.isEmpty ?? true
        case .array:
            var elements = self.elements
            return elements.next() == nil
        case .object:
            var members = self.members
            return members.next() == nil
        default: return false
        }
    }
}
