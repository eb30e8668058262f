import AtlassianDocument
package import FastJSON
package import IssueModel

extension JSONView {
    /// An id, which Jira writes as text or as a number.
    package var identifier: String? {
        string ?? integer.map(String.init)
    }

    package var issueID: IssueID? {
        if let integer { return IssueID(integer) }
        guard let utf8, !utf8.isEmpty, utf8.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in utf8 {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return IssueID(value)
    }

    package var timestampIfAny: Timestamp? {
        utf8.flatMap { Timestamp(utf8: $0) }
    }

    package func timestamp() throws(IssueDecodingError) -> Timestamp {
        guard let timestamp = timestampIfAny else { throw .bad("") }
        return timestamp
    }

    /// A day; of the moments that old Servers give, the day as written.
    var date: CalendarDate? {
        utf8.flatMap { CalendarDate(utf8: $0.count > 10 && $0[10] == 0x54 ? .init(rebasing: $0[..<10]) : $0) }
    }

    /// The last part of `self`, which ends in the id: old Servers leave `id` itself out.
    var idFromAddress: String? {
        self["self"]?.string?.split(separator: "/").last.map(String.init)
    }

    /// `{id, name}`; options call the name `value`, teams `title`. Of things named by a bare string it is both.
    package var entityIfAny: Entity? {
        guard kind == .object else { return string.map { Entity(id: EntityID($0), name: $0) } }
        var id: String?
        var name: String?
        for member in members {
            if member.isNamed("id") {
                id = member.value.identifier
            } else if member.isNamed("name") || (name == nil && (member.isNamed("value") || member.isNamed("title"))) {
                name = member.value.string ?? name
            }
        }
        guard let identity = id ?? idFromAddress ?? name else { return nil }
        return Entity(id: EntityID(identity), name: name ?? identity)
    }

    package func entity() throws(IssueDecodingError) -> Entity {
        guard let entity = entityIfAny else { throw .bad("id") }
        return entity
    }
}

extension Account {
    /// - Returns: `nil` for an account without identity: an anonymous author.
    package init?(_ view: JSONView) {
        guard view.kind == .object else { return nil }
        var accountID: String?
        var key: String?
        self.init(id: AccountID(""), displayName: "")
        for member in view.members {
            if member.isNamed("accountId") {
                accountID = member.value.string
            } else if member.isNamed("displayName") {
                displayName = member.value.string ?? ""
            } else if member.isNamed("active") {
                isActive = member.value.bool ?? true
            } else if member.isNamed("emailAddress") {
                email = member.value.string.flatMap { $0.isEmpty ? nil : $0 }
            } else if member.isNamed("accountType") {
                kind = member.value.string.flatMap { Kind(rawValue: $0) } ?? .unknown
            } else if member.isNamed("timeZone") {
                timeZone = member.value.string
            } else if member.isNamed("key") {
                key = member.value.string
            } else if member.isNamed("name") {
                name = member.value.string
            }
        }
        guard let identity = accountID ?? key ?? name, !identity.isEmpty else { return nil }
        id = AccountID(identity)
        if displayName.isEmpty { displayName = name ?? identity }
    }
}

extension Status {
    package init(_ view: JSONView) throws(IssueDecodingError) {
        let entity = try view.entity()
        let key = view["statusCategory"]?["key"]?.string
        self.init(id: entity.id, name: entity.name, category: key.flatMap { Category(rawValue: $0) } ?? .undefined)
    }
}

extension IssueType {
    package init(_ view: JSONView) throws(IssueDecodingError) {
        let entity = try view.entity()
        self.init(
            id: entity.id, name: entity.name, isSubtask: view["subtask"]?.bool ?? false,
            hierarchyLevel: view["hierarchyLevel"]?.integer.map { Int(clamping: $0) })
    }
}

extension Version {
    package init(_ view: JSONView) throws(IssueDecodingError) {
        let entity = try view.entity()
        self.init(
            id: entity.id, name: entity.name, isReleased: view["released"]?.bool ?? false,
            isArchived: view["archived"]?.bool ?? false, releaseDate: view["releaseDate"]?.date)
    }
}

extension Sprint {
    /// An object, or the text of older servers.
    package init?(_ view: JSONView) {
        if let text = view.string {
            self.init(greenhopperText: text)
            return
        }
        guard let id = view["id"]?.identifier else { return nil }
        self.init(
            id: EntityID(id), name: view["name"]?.string ?? id, state: view["state"]?.string?.lowercased() ?? "unknown",
            boardID: (view["boardId"] ?? view["originBoardId"])?.identifier.map { EntityID($0) },
            goal: view["goal"]?.string.flatMap { $0.isEmpty ? nil : $0 }, start: view["startDate"]?.timestampIfAny,
            end: view["endDate"]?.timestampIfAny, completed: view["completeDate"]?.timestampIfAny)
    }
}

extension Relative {
    init?(_ view: JSONView) {
        guard let id = view["id"]?.issueID, let key = view["key"]?.string.flatMap({ IssueKey($0) }) else { return nil }
        self.init(id: id, key: key)
    }
}

extension IssueLink {
    init?(_ view: JSONView) {
        let isInward = view["inwardIssue"]?.kind == .object
        guard let id = view["id"]?.identifier, let type = view["type"],
            let other = (isInward ? view["inwardIssue"] : view["outwardIssue"]).flatMap({ Relative($0) })
        else { return nil }
        let phrase = (isInward ? type["inward"] : type["outward"])?.string
        let name = type["name"]?.string ?? ""
        self.init(
            id: EntityID(id), typeName: name, direction: isInward ? .inward : .outward, phrase: phrase ?? name,
            other: other)
    }
}

extension Progress {
    init?(_ view: JSONView) {
        guard let done = view["progress"]?.integer, let total = view["total"]?.integer else { return nil }
        self.init(done: done, total: total, percent: view["percent"]?.integer.map { Int(clamping: $0) })
    }
}

extension Attachment {
    init(_ view: JSONView) throws(IssueDecodingError) {
        guard let id = view["id"]?.identifier ?? view.idFromAddress else { throw .missing("id") }
        self.init(
            id: EntityID(id), filename: view["filename"]?.string ?? "", author: view["author"].flatMap { Account($0) },
            created: view["created"]?.timestampIfAny ?? Timestamp(milliseconds: 0), size: view["size"]?.integer ?? 0,
            mimeType: view["mimeType"]?.string ?? "application/octet-stream", contentURL: view["content"]?.string ?? "")
    }
}

extension Visibility {
    init(_ view: JSONView) throws(IssueDecodingError) {
        // A restriction that cannot be understood must not become none.
        guard let kind = view["type"]?.string.flatMap({ Kind(rawValue: $0.lowercased()) }) else {
            throw .bad("visibility")
        }
        let identifier = view["identifier"]?.identifier
        guard let name = view["value"]?.string ?? identifier else { throw .bad("visibility") }
        self.init(kind: kind, name: name, identifier: identifier)
    }
}

extension IssueDecoder {
    package static func comment(_ view: JSONView) throws -> Comment {
        guard let id = view["id"]?.identifier else { throw IssueDecodingError.missing("id") }
        guard let created = view["created"]?.timestampIfAny else { throw IssueDecodingError.bad("created") }
        return try Comment(
            id: EntityID(id), author: view["author"].flatMap { Account($0) }, created: created,
            updated: view["updated"]?.timestampIfAny ?? created, body: RichText.document(view["body"]),
            visibility: visibility(view), isInternal: view["jsdPublic"]?.bool == false)
    }

    package static func worklog(_ view: JSONView) throws -> Worklog {
        guard let id = view["id"]?.identifier else { throw IssueDecodingError.missing("id") }
        guard let started = view["started"]?.timestampIfAny else { throw IssueDecodingError.bad("started") }
        let created = view["created"]?.timestampIfAny ?? started
        return try Worklog(
            id: EntityID(id), author: view["author"].flatMap { Account($0) }, started: started, created: created,
            updated: view["updated"]?.timestampIfAny ?? created, seconds: view["timeSpentSeconds"]?.integer ?? 0,
            note: view["comment"].flatMap { $0.isNull ? nil : try RichText.document($0) }, visibility: visibility(view))
    }

    package static func visibility(_ view: JSONView) throws -> Visibility? {
        guard let visibility = view["visibility"], !visibility.isNull else { return nil }
        return try Visibility(visibility)
    }

    package static func change(_ view: JSONView) throws -> Change {
        guard let id = view["id"]?.identifier else { throw IssueDecodingError.missing("id") }
        guard let at = view["created"].flatMap({ $0.timestampIfAny ?? moment($0) }) else {
            throw IssueDecodingError.bad("created")
        }
        return Change(
            id: EntityID(id), author: view["author"].flatMap { Account($0) }, at: at,
            items: view["items"]?.elements.map { Change.Item($0) } ?? [])
    }
}

extension IssueDecoder {
    /// `changelog/bulkfetch` gives numbers: seconds in Atlassian's documentation, milliseconds from its servers.
    private static func moment(_ view: JSONView) -> Timestamp? {
        view.integer.map { Timestamp(milliseconds: abs($0) < 100_000_000_000 ? $0 * 1_000 : $0) }
    }
}

extension Change.Item {
    init(_ view: JSONView) {
        self.init(field: "")
        for member in view.members {
            if member.isNamed("field") {
                field = member.value.string ?? ""
            } else if member.isNamed("fieldId") {
                fieldID = member.value.string.map { EntityID($0) }
            } else if member.isNamed("from") {
                from = member.value.identifier
            } else if member.isNamed("to") {
                to = member.value.identifier
            } else if member.isNamed("fromString") {
                fromText = member.value.string
            } else if member.isNamed("toString") {
                toText = member.value.string
            }
        }
    }
}
