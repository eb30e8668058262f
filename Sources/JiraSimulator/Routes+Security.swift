import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addSecurity() {
        api(.get, "issuesecurityschemes", scope: .configuration, needsLogin: true) { call in
            try call.requireAdministrator()
            return .json { json in
                json.member(
                    "issueSecuritySchemes",
                    array: { json in
                        for scheme in call.state.securitySchemes {
                            json.object { json in call.renderer.members(of: scheme, withLevels: false, &json) }
                        }
                    })
            }
        }
        api(.get, "issuesecurityschemes/{id}", scope: .configuration, needsLogin: true) { call in
            try call.requireAdministrator()
            guard let scheme = call.state.securitySchemes.first(where: { String($0.id) == call.capture("id") }) else {
                throw Refusal(404, "The issue security scheme was not found.")
            }
            return .json { call.renderer.members(of: scheme, withLevels: true, &$0) }
        }
        api(.get, "project/{project}/issuesecuritylevelscheme", scope: .configuration, needsLogin: true) { call in
            let project = try call.project()
            try call.requireProjectReader(project)
            guard let scheme = project.securityScheme else {
                throw Refusal(404, "The project has no issue security scheme.")
            }
            return .json { call.renderer.members(of: call.state.securitySchemes[scheme], withLevels: true, &$0) }
        }
        api(.get, "project/{project}/securitylevel") { try $0.settableLevels() }
        api(.get, "securitylevel/{id}") { call in
            guard let level = Int(call.capture("id")).flatMap({ call.state.securityLevel(id: $0) }) else {
                throw Refusal(404, "The security level was not found.")
            }
            var json = JSONWriter()
            call.renderer.level(level, &json)
            return .json(bytes: json.bytes)
        }
        if isCloud {
            // Data Center has no endpoint for the members of a level.
            api(.get, "issuesecurityschemes/level", scope: .configuration, needsLogin: true) { try $0.levels() }
            api(.get, "issuesecurityschemes/level/member", scope: .configuration, needsLogin: true) {
                try $0.levelMembers()
            }
            api(.get, "issuesecurityschemes/project", scope: .configuration, needsLogin: true) { call in
                try call.requireAdministrator()
                let used = call.state.projects.filter { $0.securityScheme != nil && !$0.isGone }
                return try call.page(used) { project, json in
                    json.object { json in
                        let scheme = call.state.securitySchemes[project.securityScheme ?? 0]
                        json.member("issueSecuritySchemeId", String(scheme.id))
                        json.member("projectId", String(project.id))
                    }
                }
            }
            api(.get, "auditing/record", scope: .configuration, needsLogin: true) { try $0.auditRecords() }
        }
    }
}

extension Call {
    fileprivate func levels() throws -> WebResponse {
        try requireAdministrator()
        let schemes = Set(query.all("schemeId"))
        let ids = Set(query.all("id"))
        let all = state.securitySchemes.flatMap { scheme in scheme.levels.map { (scheme, $0) } }
        let found = all.filter { scheme, level in
            (schemes.isEmpty || schemes.contains(String(scheme.id))) && (ids.isEmpty || ids.contains(String(level.id)))
        }
        return try page(found) { entry, json in
            let (scheme, level) = entry
            json.object { json in
                json.member("self", "\(renderer.api)/issuesecurityscheme/level?id=\(level.id)")
                json.member("id", String(level.id))
                json.member("name", level.name)
                json.member("description", level.description)
                json.member("isDefault", scheme.defaultLevel == level.id)
                json.member("issueSecuritySchemeId", String(scheme.id))
            }
        }
    }

    fileprivate func levelMembers() throws -> WebResponse {
        try requireAdministrator()
        let schemes = Set(query.all("schemeId"))
        let levels = Set(query.all("levelId"))
        var found: [(scheme: SecurityScheme, level: SecurityLevel, member: SecurityLevel.Member)] = []
        for scheme in state.securitySchemes where schemes.isEmpty || schemes.contains(String(scheme.id)) {
            for level in scheme.levels where levels.isEmpty || levels.contains(String(level.id)) {
                found += level.members.map { (scheme, level, $0) }
            }
        }
        return try page(found) { entry, json in
            json.object { json in
                json.member("id", String(entry.member.id))
                json.member("issueSecurityLevelId", String(entry.level.id))
                json.member("issueSecuritySchemeId", String(entry.scheme.id))
                json.key("holder")
                renderer.holder(entry.member.holder, &json)
                json.member("managed", false)
            }
        }
    }

    /// The levels the caller may give an issue, which are not all there are.
    fileprivate func settableLevels() throws -> WebResponse {
        let project = try project()
        var levels: [SecurityLevel] = []
        if let scheme = project.securityScheme, viewer.has("SET_ISSUE_SECURITY", project: project.index) {
            levels = state.securitySchemes[scheme].levels
        }
        return .json { json in
            json.member("levels", array: { json in for level in levels { renderer.level(level, &json) } })
        }
    }

    // MARK: Audit

    fileprivate func auditRecords() throws -> WebResponse {
        guard !configuration.isFreePlan else {
            throw Refusal(
                403, "The audit logs aren't available because all Jira products on this site are on Free plans.")
        }
        try requireAdministrator()
        let wanted = (query["filter"] ?? "").lowercased().split(separator: " ")
        let offset = max(0, try integer("offset", default: 0))
        let limit = min(max(1, try integer("limit", default: 1_000)), 1_000)
        let from = query["from"].flatMap(Self.moment) ?? .min
        let to = query["to"].flatMap(Self.moment) ?? .max
        // Newest first; the filter looks for any of its words, as loosely as Jira's.
        let found = state.auditRecords.reversed().filter { record in
            let values = record.changes.flatMap { [$0.from, $0.to].compactMap { $0 } }
            let words = [record.summary, record.objectName, record.category, record.objectType] + values
            let text = words.joined(separator: " ").lowercased()
            return (from...max(from, to)).contains(record.created)
                && (wanted.isEmpty || wanted.contains { text.contains($0) })
        }
        return .json { json in
            json.member("offset", offset)
            json.member("limit", limit)
            json.member("total", found.count)
            json.member(
                "records",
                array: { json in
                    for record in found.dropFirst(offset).prefix(limit) {
                        renderer.auditRecord(record, &json)
                    }
                })
        }
    }

    /// `2026-09-23` or `2026-09-23T10:00:00…`; anything after the seconds is taken for UTC.
    private static func moment(_ text: String) -> Milliseconds? {
        let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
        guard numbers.count >= 3 else { return nil }
        let time = numbers.count >= 6 ? Array(numbers[3..<6]) : [0, 0, 0]
        return CivilTime(numbers[0], numbers[1], numbers[2], time[0], time[1], time[2]).utcMilliseconds
    }
}
