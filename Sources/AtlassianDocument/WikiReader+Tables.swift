extension WikiReader {
    private struct Cell {
        let isHeader: Bool
        let range: Range<Int>
    }

    /// Reads the rows that begin at `start`; answers where the table ends.
    mutating func readTable(_ start: Int, _ limit: Int) throws(DocumentError) -> Int {
        try builder.open(.table)
        var position = start
        while true {
            let (cells, end) = rowCells(position, limit)
            try builder.open(.tableRow)
            for cell in cells {
                try builder.open(cell.isHeader ? .tableHeader : .tableCell)
                try readBlocks(cell.range)
                builder.close()
            }
            builder.close()
            position = end
            let next = skipBlanks(position, limit)
            guard next < limit, bytes[next] == UInt8(ascii: "|") else { break }
            position = next
        }
        builder.close()
        return position
    }

    /// Splits a row at its bars, leaving links, images, monospaced words and macros whole; answers where it ends.
    ///
    /// A row ends with its line, but a cell that has words goes on in the next line if that is neither empty nor a row.
    private func rowCells(_ start: Int, _ limit: Int) -> ([Cell], Int) {
        var cells: [Cell] = []
        var searched = 0
        var index = start
        while index < limit {
            let isHeader = index + 1 < limit && bytes[index + 1] == UInt8(ascii: "|")
            index += isHeader ? 2 : 1
            let cellStart = index
            while index < limit, bytes[index] != UInt8(ascii: "|") {
                if bytes[index] == 0x0A, endsRow(index, limit, cellStart) { break }
                index = min(limit, skipAtom(index, limit, &searched))
            }
            let isRowEnd = index >= limit || bytes[index] == 0x0A
            let first = skipBlanks(cellStart, index)
            if !isRowEnd || first < index { cells.append(Cell(isHeader: isHeader, range: first..<max(first, index))) }
            if isRowEnd { return (cells, min(limit, index + 1)) }
        }
        return (cells, limit)
    }

    private func endsRow(_ newline: Int, _ limit: Int, _ cellStart: Int) -> Bool {
        if skipBlanks(cellStart, newline) == newline { return true }
        let next = skipBlanks(newline + 1, limit)
        return next >= limit || bytes[next] == 0x0A || bytes[next] == UInt8(ascii: "|")
    }

    /// The index behind the character at `index`, or behind the whole construct that begins there.
    private func skipAtom(_ index: Int, _ limit: Int, _ searched: inout Int) -> Int {
        switch bytes[index] {
        case UInt8(ascii: "\\"): return index + 2
        case UInt8(ascii: "{"):
            if let macro = macros.block(in: index..<index + 1), macro.end <= limit { return macro.end }
            guard index + 1 < limit, bytes[index + 1] == UInt8(ascii: "{") else { return index + 1 }
            return WikiMacros.monospacedEnd(bytes, index, limit, searched: &searched) ?? index + 2
        case UInt8(ascii: "["):
            return WikiLink.end(bytes, index, lineEndNear(index, limit)) ?? index + 1
        case UInt8(ascii: "!"):
            guard let end = WikiLink.imageEnd(bytes, index, lineEndNear(index, limit)) else { return index + 1 }
            return end
        default: return index + 1
        }
    }

    /// A bound for looking ahead: links and images are short and on one line.
    private func lineEndNear(_ index: Int, _ limit: Int) -> Int { min(limit, index + WikiLink.longest) }
}
