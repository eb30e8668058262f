import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addIssues() {
        api(.get, "issue/{issue}") { try $0.getIssue() }
        api(.get, "issue/picker") { _ in .json { $0.member("sections", array: { _ in }) } }
        if isCloud {
            api(.post, "issue/bulkfetch") { try $0.bulkFetch() }
            api(.post, "changelog/bulkfetch") { try $0.bulkFetchChanges() }
            api(.get, "issue/{issue}/changelog") { try $0.changes() }
        }
    }
}

extension Call {
    fileprivate func getIssue() throws -> WebResponse {
        let ordinal = try issue()
        let selection = FieldSelection(query.all("fields"), default: .everything, state: state)
        let expansions = Expansions(query["expand"] ?? "")
        let (renderer, viewer) = (renderer, viewer)
        return .json { json in
            rendered(ordinal, renderer, viewer).write(selection.withHead, &json)
            writeExpansions(expansions, of: ordinal, renderer, &json)
        }
    }

    fileprivate func bulkFetch() throws -> WebResponse {
        let body = try body()
        try onlyMembers(["issueIdsOrKeys", "fields", "expand", "fieldsByKeys", "properties"], of: body)
        guard let names = body["issueIdsOrKeys"]?.array?.compactMap({ $0.string ?? $0.integer.map(String.init) }),
            !names.isEmpty
        else { throw Refusal(400, "The issueIdsOrKeys field is required.") }
        guard names.count <= 100 else { throw Refusal(400, "The number of issues requested exceeds the limit of 100.") }
        let fields = body["fields"]?.array?.compactMap(\.string) ?? []
        let selection = FieldSelection(fields, default: .navigable, state: state).withHead
        let expansions = Expansions(body["expand"]?.array?.compactMap(\.string).joined(separator: ",") ?? "")
        let (renderer, viewer) = (renderer, viewer)
        var found: Set<Int> = []
        var missing: [String] = []
        for name in names {
            if let ordinal = state.ordinal(idOrKey: name), viewer.sees(issue: ordinal) {
                found.insert(ordinal)
            } else {
                missing.append(name)
            }
        }
        var json = JSONWriter(reservingCapacity: names.count * 10_000)
        json.object { json in
            json.member(
                "issues",
                array: { json in
                    // Ids ascend with ordinals.
                    for ordinal in found.sorted() {
                        json.beginObject()
                        rendered(ordinal, renderer, viewer).write(selection, &json)
                        writeExpansions(expansions, of: ordinal, renderer, &json)
                        json.endObject()
                    }
                })
            json.member(
                "issueErrors",
                array: { json in
                    for name in missing {
                        json.object { json in
                            json.member("id", name)
                            json.member(
                                "errorMessage", "Issue does not exist or you do not have permission to see it.")
                        }
                    }
                })
        }
        return .json(bytes: json.bytes, objects: found.count)
    }

    /// Writes what `expand` asked for after an issue's fields.
    func writeExpansions(_ expansions: Expansions, of ordinal: Int, _ renderer: Renderer, _ json: inout JSONWriter) {
        if expansions.has("changelog") { writeEmbeddedChanges(of: ordinal, renderer, &json) }
        if expansions.has("names") {
            json.member(
                "names",
                object: { json in for field in state.catalogue.fields { json.member(field.id, field.name) } })
        }
        if expansions.has("schema") {
            json.member(
                "schema",
                object: { json in
                    for field in state.catalogue.fields {
                        json.key(field.id)
                        writeSchema(field, &json)
                    }
                })
        }
    }
}
