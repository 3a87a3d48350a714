# ruff: noqa: E501 - pages are kept as sites write them
"""Fictional pages built the ways government sites are built; each with the lines its reader came for.

All names, numbers and sentences are invented.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebPage:
    """``lines``: what must come out, in order; ``chrome``: what must not."""

    html: str
    lines: tuple[str, ...]
    chrome: tuple[str, ...] = ()


_MENU = "".join(
    f'<li><a href="/{name}/">{name}</a></li>' for name in ("首页", "政务公开", "办事服务", "互动交流", "走进云岭")
)
_NEWS = "".join(
    f'<li><a href="/art/{at}.html">{text}</a><span>2031-05-0{at}</span></li>'
    for at, text in enumerate(("我市召开春茶会议，部署今年工作！", "云岭市公布首批茶园名单", "关于茶博会的公告"), 1)
)
_FOOTER = """<p>主办：云岭市人民政府　承办：云岭市大数据局</p><p>网站标识码：9900000001　云ICP备12345678号　云公网安备 99000002000001号</p>
<p>建议使用1440*900分辨率，IE9.0以上浏览器</p>"""

CONTAINER = WebPage(
    f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>云岭市茶园管理办法_云岭市人民政府</title>
<meta name="ArticleTitle" content="云岭市茶园管理办法"><style>.a{{color:red}}</style><script>var a = "脚本里的话，不是正文。";</script></head><body>
<div class="header"><a href="/">云岭市人民政府</a><form><input value="请输入关键字"></form></div><ul class="nav">{_MENU}</ul>
<div class="crumb">您当前所在的位置：<a href="/">首页</a> &gt; <a href="/z/">政务公开</a> &gt; 规范性文件</div>
<div class="article"><table class="info"><tr><td>索 引 号：</td><td>014/2031-0001</td><td>主题分类：</td><td>农业</td></tr>
<tr><td>发布机构：</td><td>云岭市人民政府</td><td>文 号：</td><td>云政发〔2031〕8号</td></tr></table>
<h1>云岭市茶园管理办法</h1><div class="fontsize">字号：<a>大</a> <a>中</a> <a>小</a></div>
<div class="TRS_Editor"><p>　　第一条　为管好茶园，<br>制定本办法。</p><p style="text-indent:2em">第二条　茶园由<strong>云岭市
茶业局</strong>管理。</p><p>第三条　管理人员应当做到：</p><p>（一）每日巡园；</p><p>（二）如实记录。</p>
<p style="display:none">隐藏的话，不是正文，看不见。</p>
<p style="text-align:right">云岭市人民政府<br>2031年5月1日</p></div>
<div class="bdsharebuttonbox">分享到：<a>微信</a></div><div class="xgxx"><h3>相关信息</h3><ul>{_NEWS}</ul></div></div>
<div class="footer">{_FOOTER}</div></body></html>""",
    (
        "索引号：014/2031-0001",
        "主题分类：农业",
        "发布机构：云岭市人民政府",
        "文号：云政发〔2031〕8号",
        "云岭市茶园管理办法",
        "　　第一条　为管好茶园，",
        "制定本办法。",
        "第二条　茶园由云岭市茶业局管理。",
        "第三条　管理人员应当做到：",
        "（一）每日巡园；",
        "（二）如实记录。",
        "云岭市人民政府",
        "2031年5月1日",
    ),
    ("脚本", "隐藏", "分享", "茶博会", "ICP", "办事服务", "请输入", "当前所在", "字号"),
)

LAYOUT_TABLES = WebPage(
    """<HTML><HEAD><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><TITLE>云岭市茶业局</TITLE></HEAD><BODY>
<TABLE width=1000><TR><TD><TABLE><TR><TD><A href=/>首页</A></TD><TD><A href=/a>通知公告</A></TD><TD><A href=/b>政策法规</A></TD></TR></TABLE></TD></TR>
<TR><TD width=200><A href=/1>局长信箱</A><BR><A href=/2>领导介绍</A></TD><TD><TABLE><TR><TD class="bt">关于开展春茶检查的通知</TD></TR>
<TR><TD>发布时间：2031-03-02　点击：123次</TD></TR><TR><TD><FONT size=4>各县茶业局：<BR>&nbsp;&nbsp;&nbsp;&nbsp;经市政府同意，现就春茶检查通知如下。<BR>
&nbsp;&nbsp;&nbsp;&nbsp;一、检查时间<BR>&nbsp;&nbsp;&nbsp;&nbsp;三月十日至二十日，逐园检查，不得遗漏。<BR>
<P align=right>云岭市茶业局</P><P align=right>2031年3月2日</P></FONT></TD></TR>
<TR><TD>附件：<A href="/f/1.doc">1.春茶检查表.doc</A></TD></TR><TR><TD>【<A>打印本页</A>】【<A>关闭窗口</A>】</TD></TR></TABLE></TD></TR>
<TR><TD colspan=2>版权所有：云岭市茶业局　地址：云岭市茶山路1号　邮编：990000</TD></TR></TABLE></BODY></HTML>""",
    (
        "关于开展春茶检查的通知",
        "发布时间：2031-03-02　点击：123次",
        "各县茶业局：",
        "经市政府同意，现就春茶检查通知如下。",
        "一、检查时间",
        "三月十日至二十日，逐园检查，不得遗漏。",
        "云岭市茶业局",
        "2031年3月2日",
        "附件：1.春茶检查表.doc",
    ),
    ("局长信箱", "政策法规", "打印", "版权"),
)

SHORT_NOTICE = WebPage(
    f"""<!DOCTYPE html><html><head><title>放假通知-云岭市茶业局</title></head><body><nav>{_MENU}</nav><div id="main"><h2 class="title">放假通知</h2>
<div id="content"><p>各单位：</p><p>茶节放假三天。</p><p>特此通知。</p></div></div><div class="hot"><h3>热点</h3><ul>{_NEWS * 6}</ul></div>
<footer><p>本网站由云岭市茶业局主办，未经书面许可，任何单位不得转载、链接本网站内容，违者追究法律责任。</p>{_FOOTER}</footer></body></html>""",
    ("放假通知", "各单位：", "茶节放假三天。", "特此通知。"),
    ("茶博会", "标识码", "走进云岭"),
)

ANNEX = WebPage(
    f"""<html><head><title>云岭市茶园名单</title></head><body><div class="menu">{_MENU}</div><div class="detail"><h1>云岭市茶园名单</h1>
<p>根据《云岭市茶园管理办法》，现公布茶园名单，请遵照执行。</p>
<table border="1"><thead><tr><th rowspan="2">序号</th><th colspan="2">茶园</th><th rowspan="2">面积</th></tr><tr><th>名称</th><th>负责单位</th></tr></thead>
<tbody><tr><td>1</td><td>东园</td><td rowspan="2"><p>茶业局</p></td><td>12</td></tr><tr><td>2</td><td>西|园</td><td>&nbsp;</td></tr>
<tr><td colspan="4">第二批</td></tr><tr><td>3</td><td>南园</td><td>林业局</td><td rowspan="0">5</td></tr><tr><td>4</td><td>北园</td><td>林业局</td></tr></tbody></table>
<p>（此件公开发布）</p></div><div class="pager"><a href="/1">上一篇</a><a href="/2">下一篇</a></div></body></html>""",
    (
        "云岭市茶园名单",
        "根据《云岭市茶园管理办法》，现公布茶园名单，请遵照执行。",
        "序号 | 茶园 | 茶园 | 面积",
        "序号 | 名称 | 负责单位 | 面积",
        "1 | 东园 | 茶业局 | 12",
        "2 | 西｜园 | 茶业局 | ",
        "第二批",
        "3 | 南园 | 林业局 | 5",
        "4 | 北园 | 林业局 | 5",
        "（此件公开发布）",
    ),
    ("上一篇", "办事服务"),
)

WORD_PAGE = WebPage(
    """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><meta name=Generator content="Microsoft Word 15"><title>示例</title>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]--><style><!-- p.MsoNormal {margin:0cm;} --></style></head>
<body lang=ZH-CN><div class=WordSection1 style='layout-grid:15.6pt'><p class=MsoTitle align=center><b><span style='font-size:22.0pt'>云岭市茶水
标准</span></b></p><p class=MsoNormal style='text-indent:32.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>一、<span
style='font:7.0pt "Times New Roman"'>&nbsp; </span></span><![endif]><span>茶水应当热，<span lang=EN-US>80</span>度以上。</span></p>
<p class=MsoNormal><span>二、茶叶应当新<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span class=MsoFootnoteReference><span
lang=EN-US>[1]</span></span></a>，不得霉变。<del>删去的话。</del><o:p></o:p></span></p><p class=MsoNormal><span style='display:none;mso-hide:all'>看不见的话。</span>三、
　茶具应当净。</p></div><div style='mso-element:footnote-list'><br clear=all><hr align=left size=1 width="33%"><div style='mso-element:footnote' id=ftn1>
<p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1" name="_ftn1" title=""><span>[1]</span></a><span> 新，指当年采制。</span></p></div></div></body></html>""",
    (
        "云岭市茶水标准",
        "一、\u00a0 茶水应当热，80度以上。",
        "二、茶叶应当新，不得霉变。",
        "注1：新，指当年采制。",
        "三、　茶具应当净。",
    ),
    ("看不见", "删去"),
)

LISTS = WebPage(
    f"""<!DOCTYPE html><html><head><title>《云岭市茶园管理办法》解读 - 云岭</title></head><body><header><div class="logo">云岭市人民政府门户网站</div><ul>{_MENU}</ul></header>
<main><article><header><h1>《云岭市茶园管理办法》解读</h1><p class="meta">来源：云岭市茶业局　2031-05-06</p></header><h2>一、为什么</h2><p>茶园多了，要管好。</p>
<h2>二、怎么办</h2><ol><li>先登记；</li><li><p>再检查：</p><ul><li>查记录，查现场；</li><li>查人员。</li></ul></li><li value="5">后公示。</li></ol>
<ol type="a" start="2"><li>乙类；</li></ol><ol style="list-style-type:cjk-ideographic"><li>总结。</li></ol><blockquote>引用办法第三条，照录如上。</blockquote>
<pre>登记号
  示例01</pre></article><aside><p>茶业局二维码</p></aside></main><div class="ewm">扫一扫在手机打开当前页</div></body></html>""",
    (
        "《云岭市茶园管理办法》解读",
        "来源：云岭市茶业局　2031-05-06",
        "一、为什么",
        "茶园多了，要管好。",
        "二、怎么办",
        "1.先登记；",
        "2.再检查：",
        "查记录，查现场；",
        "查人员。",
        "5.后公示。",
        "b.乙类；",
        "一、总结。",
        "引用办法第三条，照录如上。",
        "登记号",
        "示例01",
    ),
    ("二维码", "扫一扫", "走进云岭", "门户网站"),
)

LINKED_TEXT = WebPage(
    f"""<html><head><title>云岭市茶业局权责清单</title></head><body><div class="top">{_MENU}</div><div class="left"><ul>{_NEWS}</ul></div><div class="con">
<div class="bt">云岭市茶业局权责清单</div><p>茶业局的职责由下列单位承担，各单位应当协同办理：</p><p><a href="/d/1">茶园科</a></p><p><a href="/d/2">检查科</a></p><p><a href="/d/3">登记科</a></p>
<p>以上各科的电话，见各科网页。</p><p>云岭市茶业局</p><p>2031年6月1日</p></div></body></html>""",
    (
        "云岭市茶业局权责清单",
        "茶业局的职责由下列单位承担，各单位应当协同办理：",
        "茶园科",
        "检查科",
        "登记科",
        "以上各科的电话，见各科网页。",
        "云岭市茶业局",
        "2031年6月1日",
    ),
    ("茶博会", "互动交流"),
)

BARE = WebPage(
    "<p>云岭市茶摊规定<p>第一条 茶摊应当整洁。<p>第二条 本规定自公布之日起施行。",
    ("云岭市茶摊规定", "第一条 茶摊应当整洁。", "第二条 本规定自公布之日起施行。"),
)

LYING_NAMES = WebPage(
    f"""<html><head><title>云岭市茶税规定</title></head><body><div class="nav">{_MENU}</div><div id="print"><h1>云岭市茶税规定</h1><div class="share"><p>第一条 茶税按年征收，由茶业局负责。</p>
<p>第二条 逾期不缴的，按日加收滞纳金。</p></div><div class="foot"><p>第三条 本规定自2031年7月1日起施行。</p></div></div></body></html>""",
    (
        "云岭市茶税规定",
        "第一条 茶税按年征收，由茶业局负责。",
        "第二条 逾期不缴的，按日加收滞纳金。",
        "第三条 本规定自2031年7月1日起施行。",
    ),
    ("办事服务",),
)

SPLIT_TEXT = WebPage(
    f"""<html><head><title>云岭市茶价办法</title></head><body><div id="menu">{_MENU}</div><div class="wrap"><div class="xl-title">云岭市茶价办法</div><div class="wh">云政规〔2031〕9号</div>
<div class="part"><p>第一条 茶价由市场决定，政府不定价。</p></div><div class="part"><p>第二条 茶价应当公示。</p></div><div class="sign"><p>云岭市人民政府</p><p>2031年8月1日</p></div>
<div class="fj"><a href="/x/biao.xlsx">茶价公示表</a></div><ul class="list">{_NEWS}</ul></div><div class="bottom">{_FOOTER}</div></body></html>""",
    (
        "云岭市茶价办法",
        "云政规〔2031〕9号",
        "第一条 茶价由市场决定，政府不定价。",
        "第二条 茶价应当公示。",
        "云岭市人民政府",
        "2031年8月1日",
        "茶价公示表",
    ),
    ("茶博会", "ICP"),
)

PAGES = {
    "container": CONTAINER,
    "layout tables": LAYOUT_TABLES,
    "short notice": SHORT_NOTICE,
    "annex": ANNEX,
    "saved by Word": WORD_PAGE,
    "lists": LISTS,
    "linked text": LINKED_TEXT,
    "bare": BARE,
    "lying names": LYING_NAMES,
    "split text": SPLIT_TEXT,
}
