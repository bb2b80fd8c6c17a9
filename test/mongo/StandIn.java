import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Cursor;
import de.bwaldvogel.mongo.backend.aggregation.Aggregation;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import java.util.List;
import java.util.Objects;

/**
 * A MongoDB in memory. Prints its port on a line and serves until its standard input ends. With any argument it has no change
 * streams.
 */
public class StandIn {
    public static void main(String[] args) throws Exception {
        MemoryBackend backend = args.length == 0 ? new Truthful() : new Alone();
        backend.version(new Version());
        MongoServer server = new MongoServer(backend);
        // Change streams read the oplog.
        server.enableOplog();
        server.bind("127.0.0.1", 0);
        System.out.println(server.getLocalAddress().getPort());
        while (System.in.read() != -1) { }
        server.shutdownNow();
        System.exit(0);
    }

    /** Its change streams tell what was inserted; the library's own also tell what was refused as a duplicate. */
    private static class Truthful extends MemoryBackend {
        @Override
        protected Oplog createOplog() {
            Oplog told = super.createOplog();
            return new Oplog() {
                @Override
                public void handleInsert(String namespace, List<Document> documents) {
                    told.handleInsert(namespace, documents.stream().filter(each -> isIn(namespace, each)).toList());
                }

                @Override
                public void handleUpdate(String namespace, Document selector, Document query, List<Object> ids) {
                    told.handleUpdate(namespace, selector, query, ids);
                }

                @Override
                public void handleDelete(String namespace, Document query, List<Object> ids) {
                    told.handleDelete(namespace, query, ids);
                }

                @Override
                public void handleDropCollection(String namespace) {
                    told.handleDropCollection(namespace);
                }

                @Override
                public Cursor createCursor(Document stream, String namespace, Aggregation aggregation) {
                    return told.createCursor(stream, namespace, aggregation);
                }
            };
        }

        /** It may have been edited since, but its slot is its own. */
        private boolean isIn(String namespace, Document inserted) {
            int dot = namespace.indexOf('.');
            Document id = new Document("_id", inserted.get("_id"));
            return resolveDatabase(namespace.substring(0, dot))
                    .resolveCollection(namespace.substring(dot + 1), true)
                    .handleQueryAsStream(id)
                    .anyMatch(found -> Objects.equals(found.get("slot"), inserted.get("slot")));
        }
    }

    /** Refuses change streams, as a mongod does that is no replica set. */
    private static class Alone extends MemoryBackend {
        @Override
        protected Oplog createOplog() {
            return new Oplog() {
                @Override
                public void handleInsert(String namespace, List<Document> documents) { }

                @Override
                public void handleUpdate(String namespace, Document selector, Document query, List<Object> ids) { }

                @Override
                public void handleDelete(String namespace, Document query, List<Object> ids) { }

                @Override
                public void handleDropCollection(String namespace) { }

                @Override
                public Cursor createCursor(Document stream, String namespace, Aggregation aggregation) {
                    String message = "The $changeStream stage is only supported on replica sets";
                    throw new MongoServerError(40573, message);
                }
            };
        }
    }

    /** The lowest that today's drivers talk to is above what the library names itself. */
    private static class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }
}
