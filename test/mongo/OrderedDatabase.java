import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;

/** Ends an ordered update at its first error, as a mongod does; the library goes on behind it. */
class OrderedDatabase extends MemoryDatabase {
    OrderedDatabase(String name, CursorRegistry cursors) {
        super(name, cursors);
    }

    @Override
    public Document handleCommand(Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
        if (!command.equals("update") || Boolean.FALSE.equals(query.get("ordered")))
            return super.handleCommand(channel, command, query, databases, oplog);
        int matched = 0;
        int modified = 0;
        List<Document> upserted = new ArrayList<>();
        List<Document> errors = new ArrayList<>();
        List<?> updates = (List<?>) query.get("updates");
        for (int i = 0; i < updates.size() && errors.isEmpty(); i++) {
            Document one = query.clone();
            one.put("updates", List.of(updates.get(i)));
            Document answer = super.handleCommand(channel, command, one, databases, oplog);
            matched += ((Number) answer.getOrDefault("n", 0)).intValue();
            modified += ((Number) answer.getOrDefault("nModified", 0)).intValue();
            upserted.addAll(at(i, answer.get("upserted")));
            errors.addAll(at(i, answer.get("writeErrors")));
        }
        Document answer = new Document("n", matched).append("nModified", modified);
        if (!upserted.isEmpty()) answer.put("upserted", upserted);
        if (!errors.isEmpty()) answer.put("writeErrors", errors);
        return answer.append("ok", 1.0);
    }

    /** What an answer says of its only update, which is the one at `index`. */
    private static List<Document> at(int index, Object list) {
        if (!(list instanceof List<?> documents)) return List.of();
        return documents.stream().map(each -> ((Document) each).clone().append("index", index)).toList();
    }
}
