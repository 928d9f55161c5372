/* What all charts look like, written with token names instead of colours; charts.js turns them into colours. */
window.headwayTemplate = {
  "layout": {
    "font": {
      "family": "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
      "size": 12,
      "color": "var(--ink-2)"
    },
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "colorway": [
      "var(--accent)",
      "var(--ink-2)",
      "var(--group-dp)",
      "var(--group-ml)",
      "var(--at-risk)"
    ],
    "margin": {
      "l": 44,
      "r": 16,
      "t": 12,
      "b": 36,
      "pad": 0
    },
    "autosize": true,
    "showlegend": false,
    "dragmode": false,
    "hovermode": "closest",
    "hoverdistance": 24,
    "hoverlabel": {
      "align": "left",
      "bgcolor": "var(--ink)",
      "bordercolor": "var(--ink)",
      "font": {
        "family": "Inter, ui-sans-serif, system-ui, sans-serif",
        "size": 12,
        "color": "var(--surface)"
      }
    },
    "bargap": 0.32,
    "xaxis": {
      "fixedrange": true,
      "automargin": true,
      "showgrid": false,
      "zeroline": false,
      "showline": true,
      "linecolor": "var(--line)",
      "linewidth": 1,
      "ticks": "outside",
      "ticklen": 4,
      "tickcolor": "var(--line)",
      "tickfont": {
        "color": "var(--ink-3)",
        "size": 12
      },
      "title": {
        "font": {
          "color": "var(--ink-3)",
          "size": 12
        },
        "standoff": 8
      },
      "hoverformat": "%-d %b %Y"
    },
    "yaxis": {
      "fixedrange": true,
      "automargin": true,
      "showgrid": true,
      "gridcolor": "var(--line)",
      "gridwidth": 1,
      "zeroline": false,
      "showline": false,
      "ticks": "",
      "tickfont": {
        "color": "var(--ink-3)",
        "size": 12
      },
      "title": {
        "font": {
          "color": "var(--ink-3)",
          "size": 12
        },
        "standoff": 8
      }
    },
    "annotationdefaults": {
      "showarrow": false,
      "font": {
        "size": 12,
        "color": "var(--ink-2)"
      },
      "xanchor": "left",
      "yanchor": "middle"
    },
    "shapedefaults": {
      "layer": "below",
      "line": {
        "width": 0
      }
    }
  },
  "data": {
    "scatter": [
      {
        "cliponaxis": false,
        "line": {
          "width": 2,
          "shape": "linear"
        },
        "marker": {
          "size": 8,
          "line": {
            "width": 1.5,
            "color": "var(--surface)"
          }
        }
      }
    ],
    "bar": [
      {
        "marker": {
          "color": "var(--on-track)",
          "line": {
            "width": 0
          },
          "cornerradius": 3
        },
        "textfont": {
          "size": 12,
          "color": "var(--ink-2)"
        }
      }
    ]
  }
};
