// Draws the panels of a dashboard with Grafana's own components: window.drawing is {dashboard, results, from, to}.
import React from "react";
import { createRoot } from "react-dom/client";
import "uplot/dist/uPlot.min.css";
import { createTheme, FieldType, toDataFrame, getDisplayProcessor } from "@grafana/data";
import { ThemeContext, PanelChrome, TimeSeries, BigValue, GlobalStyles, BigValueColorMode, BigValueGraphMode } from "@grafana/ui";

const COLUMN = 56, ROW = 34, GAP = 8;
const theme = createTheme({ colors: { mode: "dark" } });
const COLORS = ["green", "yellow", "blue", "orange", "red", "purple", "super-light-green", "dark-yellow"];
const { dashboard, results, from, to } = window.drawing;
const range = { from: { valueOf: () => from }, to: { valueOf: () => to }, raw: { from: "", to: "" } };

function frames(panel) {
  return results[panel.id].map((series, number) => {
    const frame = toDataFrame({ fields: [
      { name: "time", type: FieldType.time, values: series.points.map(([at]) => at * 1000) },
      { name: series.name, type: FieldType.number, values: series.points.map(([, value]) => value),
        config: { ...panel.fieldConfig.defaults, displayName: series.name,
                  color: { mode: "fixed", fixedColor: COLORS[number % COLORS.length] },
                  custom: { drawStyle: "line", lineWidth: 1.5, fillOpacity: 8, showPoints: "never", spanNulls: 30000 } } },
    ]});
    for (const field of frame.fields) field.display = getDisplayProcessor({ field, theme, timeZone: "utc" });
    return frame;
  });
}

function Body({ panel, width, height }) {
  if (panel.type === "timeseries")
    return <TimeSeries frames={frames(panel)} width={width} height={height} timeRange={range} timeZone="utc"
                       legend={{ showLegend: true, displayMode: "list", placement: "bottom", calcs: [] }} />;
  if (panel.type === "state-timeline")
    return <div>{results[panel.id].map((series) => <div key={series.name} style={{ margin: "14px 0" }}>
      <div style={{ fontSize: 12 }}>{series.name}</div>
      <div style={{ display: "flex", height: 26 }}>{series.points.map(([at, value]) =>
        <div key={at} style={{ flex: 1, background: theme.visualization.getColorByName(value ? "green" : "red") }} />)}</div>
    </div>)}</div>;
  const [field] = frames(panel).map((frame) => frame.fields[1]);
  const display = field.display(field.values[field.values.length - 1]);
  return <BigValue value={{ ...display, title: "", color: display.color ?? "green" }} width={width} height={height} theme={theme}
                   colorMode={BigValueColorMode.Value} graphMode={BigValueGraphMode.None} />;
}

const bottom = Math.max(...dashboard.panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
createRoot(document.getElementById("page")).render(
  <ThemeContext.Provider value={theme}><GlobalStyles />
    <div style={{ position: "relative", width: 24 * COLUMN + GAP, height: bottom * ROW + GAP, background: theme.colors.background.canvas }}>
      {dashboard.panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos, width = w * COLUMN - GAP, height = h * ROW - GAP;
        return <div key={panel.id} style={{ position: "absolute", left: x * COLUMN + GAP, top: y * ROW + GAP }}>
          <PanelChrome title={panel.title} width={width} height={height}>
            {(innerWidth, innerHeight) => <Body panel={panel} width={innerWidth} height={innerHeight} />}
          </PanelChrome>
        </div>;
      })}
    </div>
  </ThemeContext.Provider>);
