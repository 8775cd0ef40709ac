package search;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.QueryBuilder;

/**
 * A search function that is slow to start: loads Apache Lucene and fills an index in memory, before
 * the first event, as real functions load their catalogues. One event then searches it. Handler:
 * search.Search; event: {"query": "some words"}
 */
public class Search implements RequestHandler<Search.Event, Search.Answer> {
  /** What to look for. */
  public record Event(String query) {}

  /** What was found. */
  public record Answer(List<Hit> documents, int indexed, long buildMs) {}

  /** One document and how well it fits. */
  public record Hit(int id, double score) {}

  private static final String[] SYLLABLES = {
    "ka", "ri", "to", "me", "lu", "san", "vor", "ne", "pi", "dra", "ol", "gut"
  };
  private static final int WORDS = 5_000;
  private static final int DOCUMENTS = 20_000;
  private static final int WORDS_EACH = 40;
  private static final int BEST = 5;

  private static final Analyzer ANALYZER = new EnglishAnalyzer();
  private static final IndexSearcher SEARCHER;
  private static final long BUILD_MS;

  static {
    long started = System.nanoTime();
    try {
      SEARCHER = new IndexSearcher(index());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the index cannot be built", e);
    }
    BUILD_MS = (System.nanoTime() - started) / 1_000_000;
  }

  private static DirectoryReader index() throws IOException {
    ByteBuffersDirectory memory = new ByteBuffersDirectory();
    // A linear congruential step: the same documents at every start, without a seed.
    long state = 1;
    try (IndexWriter writer = new IndexWriter(memory, new IndexWriterConfig(ANALYZER))) {
      for (int id = 0; id < DOCUMENTS; id++) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < WORDS_EACH; i++) {
          state = (state * 1103515245 + 12345) % 2147483648L;
          text.append(word((int) (state % WORDS))).append(' ');
        }
        Document document = new Document();
        document.add(new StoredField("id", id));
        document.add(new TextField("text", text.toString(), Field.Store.NO));
        writer.addDocument(document);
      }
    }
    return DirectoryReader.open(memory);
  }

  /** Spells a number in syllables, so that equal numbers give equal words. */
  private static String word(int number) {
    StringBuilder word = new StringBuilder();
    do {
      word.append(SYLLABLES[number % SYLLABLES.length]);
      number /= SYLLABLES.length;
    } while (number > 0);
    return word.toString();
  }

  @Override
  public Answer handleRequest(Event event, Context context) {
    String words = event.query() == null ? "kari" : event.query();
    Query query = new QueryBuilder(ANALYZER).createBooleanQuery("text", words);
    List<Hit> found = new ArrayList<>();
    try {
      if (query != null) {
        for (ScoreDoc hit : SEARCHER.search(query, BEST).scoreDocs) {
          int id = SEARCHER.storedFields().document(hit.doc).getField("id").numericValue().intValue();
          found.add(new Hit(id, Math.round(hit.score * 1e6) / 1e6));
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the index cannot be read", e);
    }
    return new Answer(found, DOCUMENTS, BUILD_MS);
  }
}
