import FastJSON
package import SimulatedData
package import SimulatedSite

/// Writes the small things that many answers repeat.
package struct PartWriter {
    package let state: SiteState
    package let api: String
    package let base: String

    package init(state: SiteState, api: String, base: String) {
        self.state = state
        self.api = api
        self.base = base
    }

    private var isCloud: Bool { state.configuration.flavour.isCloud }

    private func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter(reservingCapacity: 256)
        json.object(body)
        return json.bytes
    }

    package func user(_ user: User) -> [UInt8] {
        object { json in
            if isCloud {
                json.member("self", "\(api)/user?accountId=\(escaped(user.accountID))")
                json.member("accountId", user.accountID)
            } else {
                json.member("self", "\(api)/user?username=\(escaped(user.name))")
                json.member("name", user.name)
                json.member("key", user.key)
            }
            if user.showsEmail { json.member("emailAddress", user.email) }
            json.member("displayName", user.displayName)
            json.member("active", user.isActive)
            json.member("timeZone", user.timeZone.identifier)
            if isCloud { json.member("accountType", user.kind.rawValue) }
        }
    }

    package func project(_ project: Project) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/project/\(project.id)")
            json.member("id", String(project.id))
            json.member("key", project.key)
            json.member("name", project.name)
            json.member("projectTypeKey", project.kind.rawValue)
            if isCloud { json.member("simplified", project.style == .teamManaged) }
        }
    }

    package func category(_ category: StatusCategory) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/statuscategory/\(category.id)")
            json.member("id", category.id)
            json.member("key", category.key)
            json.member("colorName", category.colorName)
            json.member("name", category.name)
        }
    }

    package func status(_ status: Status) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/status/\(status.id)")
            json.member("description", status.description)
            json.member("iconUrl", "\(base)/images/icons/statuses/generic.png")
            json.member("name", status.name)
            json.member("id", String(status.id))
            json.member("statusCategory", raw: category(state.catalogue.statusCategories[status.category]))
        }
    }

    package func priority(_ priority: Named) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/priority/\(priority.id)")
            json.member("iconUrl", "\(base)/images/icons/priorities/\(priority.name.lowercased()).svg")
            json.member("name", priority.name)
            json.member("id", String(priority.id))
        }
    }

    package func resolution(_ resolution: Named) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/resolution/\(resolution.id)")
            json.member("id", String(resolution.id))
            json.member("description", resolution.description)
            json.member("name", resolution.name)
        }
    }

    package func type(_ type: IssueType) -> [UInt8] {
        object { json in
            json.member("self", "\(api)/issuetype/\(type.id)")
            json.member("id", String(type.id))
            json.member("description", type.description)
            json.member("iconUrl", "\(base)/images/icons/issuetypes/\(type.id).svg")
            json.member("name", type.name)
            json.member("subtask", type.isSubtask)
            if isCloud { json.member("hierarchyLevel", type.hierarchyLevel) }
        }
    }

    package func linkType(_ type: LinkType) -> [UInt8] {
        object { json in
            json.member("id", String(type.id))
            json.member("name", type.name)
            json.member("inward", type.inward)
            json.member("outward", type.outward)
            json.member("self", "\(api)/issueLinkType/\(type.id)")
        }
    }

    /// A sprint as its field holds it: an object on Cloud; the old text with a Java object's address elsewhere.
    package func sprint(_ sprint: Sprint) -> [UInt8] {
        guard isCloud else {
            var json = JSONWriter()
            json.string(legacy(sprint))
            return json.bytes
        }
        return object { json in
            json.member("id", sprint.id)
            json.member("name", sprint.name)
            json.member("state", sprint.state.rawValue)
            json.member("boardId", sprint.board)
            json.member("goal", sprint.goal)
            if let start = sprint.start { json.member("startDate", Self.instant(start)) }
            if let end = sprint.end { json.member("endDate", Self.instant(end)) }
            if let completed = sprint.completed { json.member("completeDate", Self.instant(completed)) }
        }
    }

    private func legacy(_ sprint: Sprint) -> String {
        func time(_ moment: Milliseconds?) -> String { moment.map(Self.instant) ?? "<null>" }
        return "com.atlassian.greenhopper.service.sprint.Sprint@\(String(sprint.id * 7_919, radix: 16))"
            + "[id=\(sprint.id),rapidViewId=\(sprint.board),state=\(sprint.state.rawValue.uppercased()),"
            + "name=\(sprint.name),startDate=\(time(sprint.start)),endDate=\(time(sprint.end)),"
            + "completeDate=\(time(sprint.completed)),sequence=\(sprint.id),goal=\(sprint.goal)]"
    }

    /// RFC 3339 in UTC, as Jira Software writes times.
    package static func instant(_ moment: Milliseconds) -> String {
        // Jira's own form ends in `+0000`.
        SiteTimeZone.utc.jiraTimestamp(moment).dropLast(5) + "Z"
    }
}
