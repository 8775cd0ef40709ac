package dev.rekindle.loadtests.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.rekindle.loadtests.run.LogAxis;
import dev.rekindle.loadtests.run.RunningMedian;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LatencyPlotTest {
  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> elements(Document document, String tag) {
    NodeList found = document.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static LatencyPlot.Series series(String name, Double... millis) {
    return new LatencyPlot.Series(name, List.of(millis), List.of());
  }

  @Test
  void svg_randomSeries_isSoundXmlAndStaysInItsPanel() throws Exception {
    Random random = new Random(6);
    for (int round = 0; round < 30; round++) {
      List<LatencyPlot.Series> all = new ArrayList<>();
      int lines = 1 + random.nextInt(20);
      int panels = 1 + random.nextInt(3);
      double scale = Math.exp(10 * random.nextGaussian());
      for (int i = 0; i < lines; i++) {
        List<Double> millis = new ArrayList<>();
        int count = 1 + random.nextInt(400);
        for (int k = 0; k < count; k++) {
          millis.add(scale * Math.exp(random.nextGaussian()));
        }
        all.add(
            new LatencyPlot.Series(
                "p" + i, millis, List.of(new LatencyPlot.Dot(count, 30 * scale))));
      }
      Document picture =
          parse(
              LatencyPlot.svg(
                  java.util.Collections.nCopies(panels, new LatencyPlot.Panel("panel", all))));

      List<Element> curves = elements(picture, "polyline");
      assertThat(curves).hasSize(lines * panels + lines); // and those of the legend
      double height = Double.parseDouble(picture.getDocumentElement().getAttribute("height"));
      for (Element curve : curves) {
        for (String point : curve.getAttribute("points").strip().split(" ")) {
          String[] xy = point.split(",");
          assertThat(Double.parseDouble(xy[0])).isBetween(0.0, 860.0);
          assertThat(Double.parseDouble(xy[1])).isBetween(0.0, height);
        }
      }
      assertThat(elements(picture, "circle")).hasSize(lines * panels);
    }
  }

  @Test
  void svg_logAxis_putsEqualRatiosAtEqualDistances() throws Exception {
    Document picture =
        parse(
            LatencyPlot.svg(
                List.of(new LatencyPlot.Panel("t", List.of(series("p", 1.0, 10.0, 100.0))))));
    List<Double> heights = new ArrayList<>();
    for (String point :
        elements(picture, "polyline").get(0).getAttribute("points").strip().split(" ")) {
      heights.add(Double.parseDouble(point.split(",")[1]));
    }
    assertThat(heights).hasSize(3);
    assertThat(heights.get(0) - heights.get(1)).isPositive(); // greater is higher up
    assertThat(heights.get(0) - heights.get(1))
        .isCloseTo(heights.get(1) - heights.get(2), within(0.2));
  }

  @Test
  void svg_namesWithMarkup_areEscaped() throws Exception {
    String svg =
        LatencyPlot.svg(List.of(new LatencyPlot.Panel("a < b & c", List.of(series("<p>", 1.0)))));
    assertThat(elements(parse(svg), "text"))
        .extracting(Element::getTextContent)
        .contains("a < b & c", "<p>");
  }

  @Test
  void svg_manyRequests_staysSmall() {
    List<Double> millis = new ArrayList<>();
    for (int i = 1; i <= 100_000; i++) {
      millis.add((double) i);
    }
    LatencyPlot.Series line = new LatencyPlot.Series("p", millis, List.of());
    assertThat(LatencyPlot.svg(List.of(new LatencyPlot.Panel("t", List.of(line)))).length())
        .isLessThan(10_000);
  }

  @Test
  void axis_isBetweenRoundNumbers() {
    assertThat(LogAxis.around(3, 70)).isEqualTo(new LogAxis(2, 100));
    assertThat(LogAxis.around(1, 1)).isEqualTo(new LogAxis(1, 2));
    assertThat(LogAxis.around(0.03, 0.4).marks()).containsExactly(0.02, 0.05, 0.1, 0.2, 0.5);
    assertThat(LogAxis.around(20, 200).marks()).containsExactly(20.0, 50.0, 100.0, 200.0);
  }

  @Test
  void runningMedian_leavesSingleOnesAside() {
    assertThat(RunningMedian.of(List.of(1.0, 1.0, 900.0, 1.0, 2.0, 2.0, 2.0), 1))
        .containsExactly(1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0);
    assertThat(RunningMedian.of(List.of(), 3)).isEmpty();
    assertThat(RunningMedian.of(List.of(5.0), 3)).containsExactly(5.0);
  }
}
