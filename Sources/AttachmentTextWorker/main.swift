// The program's hidden mode by itself, for tests that start it as a subprocess.
import AttachmentText
import Glibc

exit(ExtractionWorker.run(arguments: Array(CommandLine.arguments.dropFirst())))
