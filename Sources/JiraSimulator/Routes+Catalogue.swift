import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addCatalogue() {
        api(.get, "field") { call in call.array(call.fields) { call.writeField($0, &$1) } }
        api(.get, "status") { call in call.array(call.renderer.parts.statuses) { $1.raw($0) } }
        api(.get, "statuscategory") { call in
            call.array(call.renderer.parts.categories) { $1.raw($0) }
        }
        api(.get, "priority") { call in call.array(call.state.catalogue.priorities) { call.writePriority($0, &$1) } }
        api(.get, "resolution") { call in call.array(call.renderer.parts.resolutions) { $1.raw($0) } }
        api(.get, "issuetype") { call in
            call.array(call.state.catalogue.issueTypes) { call.writeType($0, &$1) }
        }
        api(.get, "issueLinkType") { call in
            .json { json in
                json.member(
                    "issueLinkTypes",
                    array: { json in for type in call.renderer.parts.linkTypes { json.raw(type) } })
            }
        }
        if isCloud {
            api(.get, "label") { call in try call.page(call.state.catalogue.labels, default: 1_000) { $1.string($0) } }
            api(.get, "field/search") { call in
                let custom = call.fields.filter { $0.isCustom || call.query["type"] == nil }
                return try call.page(custom) { call.writeFieldDetails($0, &$1) }
            }
            api(.get, "priority/search") { call in
                try call.page(call.state.catalogue.priorities) { call.writePriority($0, &$1) }
            }
            api(.get, "resolution/search") { call in
                try call.page(call.state.catalogue.resolutions) { resolution, json in
                    json.object { json in
                        json.member("id", String(resolution.id))
                        json.member("name", resolution.name)
                        json.member("description", resolution.description)
                        json.member("isDefault", false)
                    }
                }
            }
            api(.get, "statuses/search", scope: .configuration) { call in
                try call.page(call.state.catalogue.statuses, default: 200) { status, json in
                    json.object { json in
                        json.member("id", String(status.id))
                        json.member("name", status.name)
                        json.member("description", status.description)
                        let category = call.state.catalogue.statusCategories[status.category].key
                        json.member(
                            "statusCategory", ["done": "DONE", "indeterminate": "IN_PROGRESS"][category] ?? "TODO")
                        json.member("scope", object: { $0.member("type", "GLOBAL") })
                    }
                }
            }
        }
    }
}

extension Call {
    /// Fields the caller may know of: those of a team-managed project only with that project.
    fileprivate var fields: [FieldDefinition] {
        let viewer = viewer
        return state.catalogue.fields.filter { field in
            guard field.custom == nil || isCloud || field.scope == nil else { return false }
            return field.scope.map { viewer.sees(project: $0) } ?? true
        }
    }

    func writeSchema(_ field: FieldDefinition, _ json: inout JSONWriter) {
        json.object { json in
            json.member("type", field.type)
            json.optional("items", field.items)
            json.optional("custom", field.custom)
            if let number = field.customID { json.member("customId", number) }
            json.optional("system", field.system)
        }
    }

    fileprivate func writeField(_ field: FieldDefinition, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", field.id)
            if isCloud { json.member("key", field.id) }
            json.member("name", field.name)
            json.member("custom", field.isCustom)
            json.member("orderable", true)
            json.member("navigable", field.isNavigable)
            json.member("searchable", field.isSearchable)
            json.member("clauseNames", array: { json in for name in field.clauseNames { json.string(name) } })
            if isCloud { renderer.scope(field.scope, &json) }
            json.key("schema")
            writeSchema(field, &json)
        }
    }

    fileprivate func writeFieldDetails(_ field: FieldDefinition, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", field.id)
            json.member("name", field.name)
            json.key("schema")
            writeSchema(field, &json)
            json.member("description", "")
        }
    }

    fileprivate func writePriority(_ priority: Named, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(renderer.api)/priority/\(priority.id)")
            json.member("statusColor", "#3b7fc4")
            json.member("description", priority.description)
            json.member("iconUrl", "\(simulator.base)/images/icons/priorities/\(priority.name.lowercased()).svg")
            json.member("name", priority.name)
            json.member("id", String(priority.id))
        }
    }

    fileprivate func writeType(_ type: IssueType, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(renderer.api)/issuetype/\(type.id)")
            json.member("id", String(type.id))
            json.member("description", type.description)
            json.member("iconUrl", "\(simulator.base)/images/icons/issuetypes/\(type.id).svg")
            json.member("name", type.name)
            json.member("subtask", type.isSubtask)
            if isCloud {
                json.member("hierarchyLevel", type.hierarchyLevel)
                renderer.scope(type.scope, &json)
            }
        }
    }
}
