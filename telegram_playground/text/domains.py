"""Top-level domains: names that end in one are addresses also where no scheme stands before them.

tdlib has the whole list of IANA (MessageEntity.cpp, is_common_tld); these are the countries' and the widely used ones.
"""

_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by"
    " bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj"
    " fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io"
    " iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg"
    " mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph"
    " pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx"
    " sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt"
    " za zm zw"
)
_OTHERS = (
    "com org net info biz edu gov mil int arpa aero asia cat coop jobs mobi museum name post pro tel travel"
    " xxx academy accountants actor ads africa agency app apartments art associates audio auto bank bar beer"
    " best bet bible bid bike bio black blog blue boutique build builders business buzz cafe camera camp"
    " capital cards care careers casa cash casino center chat cheap church city claims cleaning click clinic"
    " clothing cloud club coach codes coffee college community company computer consulting contact cool country"
    " courses credit dance data date dating day deals delivery democrat dental design dev diamonds digital"
    " direct directory discount doctor dog domains download earth education email energy engineer engineering"
    " enterprises equipment estate events exchange expert express fail faith family fan fans farm fashion film"
    " finance financial fish fit fitness flights florist flowers foo foundation fun fund futbol fyi gallery"
    " game games garden gift gifts gives glass global gmbh gold golf google graphics gratis green group guide"
    " guru haus health help hiphop hockey holdings holiday home horse hospital host hosting house how icu immo"
    " inc industries ink institute insure international investments jetzt jewelry kim kitchen land law lawyer"
    " lease legal lgbt life lighting limited limo link live llc loan loans lol london love ltd luxe management"
    " map market marketing markets mba media meme memorial men menu miami mom money monster moscow movie"
    " network new news ninja now nyc observer one onion online ooo page paris partners parts party pet photo"
    " photography photos pics pictures pink pizza place plumbing plus poker porn press productions promo"
    " properties pub quest racing radio realty recipes red rehab rent rentals repair report rest restaurant"
    " review reviews rich rip rocks rodeo run sale salon sarl save school science search security select"
    " services sex sexy shoes shop shopping show singles site ski soccer social software solar solutions space"
    " sport store stream studio study style sucks supplies supply support surf surgery systems tattoo tax taxi"
    " team tech technology tel tennis theater tienda tips tires today tokyo ton tools top tours town toys trade"
    " trading training tube university uno vacations vegas ventures vet viajes video villas vin vip vision"
    " vodka vote voyage watch web webcam website wedding wien wiki win wine work works world wtf xyz yoga zip"
    " zone рф рус москва сайт онлайн орг дети католик укр бел қаз мон срб мкд бг ею"
)
TOP_LEVEL = frozenset(f"{_COUNTRIES} {_OTHERS}".split())
