import FastJSON
import HTTPMessages
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addAgile() {
        add(.get, "/agile/board", scope: .agile) { call in
            let type = call.query["type"]
            let project = call.query["projectKeyOrId"]
            let found = call.boards.filter { board in
                let owner = call.state.projects[board.project]
                return (type == nil || type == board.type)
                    && (project == nil || project == owner.key || project == String(owner.id))
            }
            return try call.agilePage(found) { call.write($0, &$1) }
        }
        add(.get, "/agile/board/{board}", scope: .agile) { call in
            let board = try call.board()
            return .json { call.writeMembers(board, &$0) }
        }
        add(.get, "/agile/board/{board}/sprint", scope: .agile) { call in
            let board = try call.board()
            guard board.type != "kanban" else { throw Refusal(400, "The board does not support sprints") }
            let states = Set((call.query["state"] ?? "").split(separator: ",").map(String.init))
            let found = call.state.sprints.filter {
                $0.board == board.id && (states.isEmpty || states.contains($0.state.rawValue))
            }
            return try call.agilePage(found) { call.write($0, &$1) }
        }
        add(.get, "/agile/board/{board}/configuration", scope: .agile) { call in
            let board = try call.board()
            return .json { json in
                json.member("id", board.id)
                json.member("name", board.name)
                json.member("type", board.type)
                json.member("self", "\(call.agile)/board/\(board.id)/configuration")
                json.member("filter", object: { $0.member("id", String(20_000 + board.id)) })
                json.member("columnConfig", object: { $0.member("columns", array: { _ in }) })
            }
        }
        add(.get, "/agile/sprint/{sprint}", scope: .agile) { call in
            guard let sprint = call.state.sprints.first(where: { String($0.id) == call.capture("sprint") }),
                call.boards.contains(where: { $0.id == sprint.board })
            else { throw Refusal(404, "Sprint does not exist") }
            var json = JSONWriter()
            call.write(sprint, &json)
            return .json(bytes: json.bytes)
        }
    }
}

extension Call {
    fileprivate var agile: String { "\(simulator.base)/rest/agile/1.0" }

    /// A board shows to whoever sees its project.
    fileprivate var boards: [Board] {
        let viewer = viewer
        return state.boards.filter { viewer.sees(project: $0.project) }
    }

    fileprivate func board() throws -> Board {
        guard let board = boards.first(where: { String($0.id) == capture("board") }) else {
            throw Refusal(404, "Board does not exist or you do not have permission to see it.")
        }
        return board
    }

    fileprivate func write(_ board: Board, _ json: inout JSONWriter) {
        json.object { writeMembers(board, &$0) }
    }

    fileprivate func writeMembers(_ board: Board, _ json: inout JSONWriter) {
        let project = state.projects[board.project]
        json.member("id", board.id)
        json.member("self", "\(agile)/board/\(board.id)")
        json.member("name", board.name)
        json.member("type", board.type)
        guard isCloud else { return }
        json.member(
            "location",
            object: { json in
                json.member("projectId", project.id)
                json.member("displayName", "\(project.name) (\(project.key))")
                json.member("projectName", project.name)
                json.member("projectKey", project.key)
                json.member("projectTypeKey", project.kind.rawValue)
                json.member("name", "\(project.name) (\(project.key))")
            })
    }

    fileprivate func write(_ sprint: Sprint, _ json: inout JSONWriter) {
        json.object { json in
            json.member("id", sprint.id)
            json.member("self", "\(agile)/sprint/\(sprint.id)")
            json.member("state", sprint.state.rawValue)
            json.member("name", sprint.name)
            if let start = sprint.start { json.member("startDate", PartWriter.instant(start)) }
            if let end = sprint.end { json.member("endDate", PartWriter.instant(end)) }
            if let completed = sprint.completed { json.member("completeDate", PartWriter.instant(completed)) }
            json.member("originBoardId", sprint.board)
            json.member("goal", sprint.goal)
        }
    }

    /// Jira Software's envelope: no total for sprints, at most 50 to a page.
    fileprivate func agilePage<Element>(
        _ elements: [Element], _ write: (Element, inout JSONWriter) -> Void
    ) throws -> WebResponse {
        let start = max(0, try integer("startAt", default: 0))
        let count = min(max(0, try integer("maxResults", default: 50)), 50)
        let slice = elements.dropFirst(start).prefix(count)
        return .json { json in
            json.member("maxResults", count)
            json.member("startAt", start)
            if Element.self == Board.self { json.member("total", elements.count) }
            json.member("isLast", start + slice.count >= elements.count)
            json.member("values", array: { json in for element in slice { write(element, &json) } })
        }
    }
}
